from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import CursorExpired, IndexUnavailable, RequestError
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService, open_service
from tests.conftest import release_of

ServiceOf = Callable[..., SearchService]


def ids(service: SearchService, q: str, **request: object) -> list[str]:
    return [hit.id for hit in service.search(SearchRequest(q=q, **request)).hits]  # type: ignore[arg-type]


def test_all_words_must_be_there_and_a_word_stays_together(service_of: ServiceOf) -> None:
    service = service_of(
        release_of("독일 출장", id="together"),
        release_of("출장을 마치고 독일을 떠났다", id="apart"),
        release_of("독일", id="one"),
    )
    assert set(ids(service, "독일 출장")) == {"together", "apart"}
    assert ids(service, "독일출장") == ["together"]


@pytest.mark.parametrize(
    "q",
    ["!!!", "🎉", "(", '"', "<script>", "]", "은", "\u200b", "\\", "%", "*", "AND", "a" * 2000, "가 " * 900],
)
def test_odd_queries_have_an_answer(service_of: ServiceOf, q: str) -> None:
    service = service_of(release_of("창원 소식", "본문", id="a"))
    answer = service.search(SearchRequest(q=q))
    assert answer.total == 0
    assert answer.query.raw == q


@pytest.mark.parametrize(
    ("values", "parameter"),
    [
        ({"q": ""}, "q"),
        ({"q": " \n"}, "q"),
        ({"q": "가" * 10_000}, "q"),
        ({"q": "창\0원"}, "q"),
        ({"q": "가", "limit": 0}, "limit"),
        ({"q": "가", "limit": 101}, "limit"),
        ({"q": "가", "sort": "random"}, "sort"),
        ({"q": "가", "published_from": date(2024, 2, 1), "published_to": date(2024, 1, 1)}, "from"),
    ],
)
def test_a_request_that_cannot_be_answered_names_the_parameter(
    values: dict[str, object], parameter: str
) -> None:
    with pytest.raises(RequestError) as caught:
        SearchRequest(**values)  # type: ignore[arg-type]
    assert caught.value.parameter == parameter


def test_a_lone_surrogate_is_a_request_error(service_of: ServiceOf) -> None:
    with pytest.raises(RequestError, match="유니코드"):
        service_of().search(SearchRequest(q="\ud800"))


def test_days_are_inclusive_in_seoul(service_of: ServiceOf) -> None:
    service = service_of(
        release_of("소식", id="first", published="2024-01-01T00:00"),
        release_of("소식", id="last", published="2024-01-31T23:59"),
        release_of("소식", id="after", published="2024-02-01T00:00"),
        release_of("소식", id="undated", published=""),
    )
    found = ids(service, "소식", published_from=date(2024, 1, 1), published_to=date(2024, 1, 31))
    assert set(found) == {"first", "last"}
    assert set(ids(service, "소식", published_from=date(2024, 2, 1))) == {"after"}
    assert len(ids(service, "소식", published_to=date.max)) == 3
    assert len(ids(service, "소식", published_from=date.min)) == 3


def test_facets_count_the_whole_result(service_of: ServiceOf) -> None:
    service = service_of(
        *(release_of(f"소식 {n}", id=str(n), outlet="가시" if n else "나시") for n in range(4))
    )
    answer = service.search(SearchRequest(q="소식", limit=1))
    assert [(entry.value, entry.count) for entry in answer.facets["outlet"]] == [("가시", 3), ("나시", 1)]
    assert [(entry.value, entry.count) for entry in answer.facets["year"]] == [("2024", 4)]


def test_cursors_walk_the_whole_result_once(service_of: ServiceOf) -> None:
    service = service_of(*(release_of(f"소식 {n}", id=str(n)) for n in range(7)))
    seen: list[str] = []
    cursor = None
    while True:
        answer = service.search(SearchRequest(q="소식", limit=3, cursor=cursor))
        assert answer.total == 7
        seen += [hit.id for hit in answer.hits]
        cursor = answer.next
        if cursor is None:
            break
    assert sorted(seen) == [str(n) for n in range(7)]


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "bnVsbA", "WzFd", "가", "W" * 5000])
def test_a_cursor_that_is_none_is_refused(service_of: ServiceOf, cursor: str) -> None:
    service = service_of(release_of("소식", id="a"))
    if cursor:
        with pytest.raises(RequestError, match="cursor"):
            service.search(SearchRequest(q="소식", cursor=cursor))


def test_a_cursor_belongs_to_one_search_of_one_generation(
    service_of: ServiceOf, tmp_path: Path, analyzer: Analyzer
) -> None:
    service = service_of(release_of("소식 하나", id="a"), release_of("소식 둘", id="b"))
    cursor = service.search(SearchRequest(q="소식", limit=1)).next
    with pytest.raises(RequestError, match="이 검색의 것이 아닙니다"):
        service.search(SearchRequest(q="다른 소식", limit=1, cursor=cursor))
    with WhooshEngine(tmp_path / "index", analyzer).write() as writer:
        writer.put([release_of("소식 셋", id="c")])
        writer.commit({})
    with pytest.raises(CursorExpired):
        service.search(SearchRequest(q="소식", limit=1, cursor=cursor))
    assert service.search(SearchRequest(q="소식")).total == 3


def test_a_service_waits_for_its_index(tmp_path: Path, analyzer: Analyzer) -> None:
    service = open_service(tmp_path / "index")
    with pytest.raises(IndexUnavailable, match="bodo reindex"):
        service.state()
    with WhooshEngine(tmp_path / "index", analyzer).write() as writer:
        writer.put([release_of("소식", id="a")])
        writer.commit({})
    assert service.state().documents == 1


def test_markup_in_a_release_is_escaped(service_of: ServiceOf) -> None:
    service = service_of(release_of("<b>창원</b>", "<script>alert('창원')</script>", id="a"))
    (hit,) = service.search(SearchRequest(q="창원")).hits
    assert hit.title.html == "&lt;b&gt;<mark>창원</mark>&lt;/b&gt;"
    assert hit.snippets[0].html == "&lt;script&gt;alert(&#x27;<mark>창원</mark>&#x27;)&lt;/script&gt;"
