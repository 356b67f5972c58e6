"""What a reader of the first release expects to find, and what is marked."""

from __future__ import annotations

import pytest

from indexer.release import PressRelease
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService

FOUND = [
    ("하노버", "<mark>하노버</mark>"),
    ("산업박람회", "<mark>산업박람회</mark>"),
    ("박람회", "산업<mark>박람회</mark>"),
    ("창원", "<mark>창원</mark>시"),
    ("창원특례시", "<mark>창원특례시</mark>"),
    ("업무협약", "<mark>업무협약</mark>"),
    ("스마트팩토리", "<mark>스마트팩토리</mark>"),
    ("수소연료전지", "<mark>수소연료전지</mark>"),
    ("홍남표", "<mark>홍남표</mark>"),
    ("LNI 4.0", "<mark>LNI</mark> <mark>4.0</mark>"),
    ("독일 출장", "<mark>독일</mark> <mark>출장</mark>"),
    ("독일출장", "<mark>독일 출장</mark>"),
    ("지멘스", "<mark>지멘스</mark>"),
    ("나아갈", "<mark>나아갈</mark>"),
    ("맺었다", "<mark>맺었다</mark>"),
    ("hannover messe", "<mark>HANNOVER</mark> <mark>MESSE</mark>"),
]


@pytest.mark.parametrize(("query", "marked"), FOUND)
def test_found_and_marked(first_service: SearchService, query: str, marked: str) -> None:
    answer = first_service.search(SearchRequest(q=query))
    assert answer.total == 1
    (hit,) = answer.hits
    assert marked in "\n".join(snippet.html for snippet in hit.snippets)
    assert [word.query for word in hit.matched] == query.split()


@pytest.mark.parametrize(
    "query",
    ["서울", "부산", "xyzzy", "댓글", "상태바", "주요기사", "하노버 서울", "출장독일", "의좋은", "급여"],
)
def test_not_found(first_service: SearchService, query: str) -> None:
    answer = first_service.search(SearchRequest(q=query, exact=True))
    assert answer.total == 0
    assert answer.hits == ()
    # What is shown instead is said to be something else.
    loose = first_service.search(SearchRequest(q=query)).query
    assert loose.relaxed == (query == "하노버 서울")
    assert loose.corrected_from is None


def test_the_title_is_marked_too(first_service: SearchService) -> None:
    (hit,) = first_service.search(SearchRequest(q="독일 출장")).hits
    assert "<mark>독일</mark> <mark>출장</mark>에서" in hit.title.html


def test_the_release_itself(first_service: SearchService) -> None:
    (newest,) = first_service.overview().newest[:5]
    assert isinstance(newest, PressRelease)
    assert first_service.release(newest.id) == newest
    assert first_service.release("없음") is None
    assert newest.title == "홍남표 창원특례시장, 독일 출장에서 얻은 힌트와 성과는?"
