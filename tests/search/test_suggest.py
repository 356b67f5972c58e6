"""Suggestions: what is half typed, first consonants, the wrong keyboard, a slip; never a word of no release."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.analysis.keyboard import to_keystrokes
from indexer.engines.whoosh import WhooshEngine
from indexer.search import suggest
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from tests.conftest import release_of

RELEASES = [
    release_of(
        "창원특례시, 하노버 산업박람회 참가",
        "창원 기업이 업무협약을 맺었다. HANNOVER MESSE 2023이다.",
        id="a",
    ),
    release_of("창원시립합창단 공연", "창원에서 연다.", id="b"),
    release_of("데이터 산업 육성", "데이터 산업을 키운다.", id="c"),
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> SearchService:
    engine = WhooshEngine(tmp_path_factory.mktemp("suggest") / "index", analyzer)
    for release in RELEASES:  # a segment each
        with engine.write() as writer:
            writer.put([release])
            writer.commit({})
    return SearchService(engine, analyzer)


@pytest.mark.parametrize(
    ("typed", "text", "kind"),
    [
        ("창ㅇ", "창원", "completion"), ("창우", "창원", "completion"), ("창", "창원", "completion"), ("한", "하노버", "completion"),
        ("업뭏", "업무협약", "completion"), ("ㅊㅇㅌㄹㅅ", "창원특례시", "initials"), ("ㅎㄴㅂ", "하노버", "initials"),
        ("ckddnjs", "창원", "keyboard"), ("ㅗ무ㅜㅐㅍㄷㄱ", "HANNOVER", "keyboard"), ("hann", "HANNOVER", "completion"),
        ("하노바", "하노버", "spelling"), ("산엄박람회", "산업박람회", "spelling"), ("데이타", "데이터", "spelling"),
        ("데이터 산", "데이터 산업 육성", "completion"), ("창원의 하노", "창원의 하노버", "completion"), ("창원시립", "창원시립합창단", "completion"),
    ],
)  # fmt: skip
def test_suggestions(service: SearchService, typed: str, text: str, kind: str) -> None:
    found = {one.text: one.kind for one in service.suggest(typed).suggestions}
    assert found.get(text) == kind, found


@pytest.mark.parametrize("typed", ["", "  ", "zzzzzz", "뷁뷁뷁", "'\"<>", "\0", "ㅋㅋㅋㅋㅋ", "가" * 100])
def test_nothing_to_suggest(service: SearchService, typed: str) -> None:
    assert service.suggest(typed).suggestions == ()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ㅊㅇ ㅎㄴㅂ", ["창원 하노버"]),
        ("ckddnjs 하노", ["창원 하노버"]),
        ("차원 하노", ["창원 하노버"]),
        ("창원의 하노", ["창원의 하노버"]),
        ("하노버 데이", []),  # in two releases, together in none
        ("독일 하노", []),
        ("독일 하노바", []),
        ("ㅋㅋ 하노", []),
        ("-창원 하노", []),
    ],
)
def test_a_suggestion_is_in_a_release(service: SearchService, typed: str, offered: list[str]) -> None:
    assert [one.text for one in service.suggest(typed).suggestions] == offered


@pytest.mark.parametrize(
    "title",
    ['"하노버" 산업-박람회', "제목: 없는 말", "-창원 없는 공연", "2023 - 데이터 | 산업", "창원*특례시: 소식"],
)
def test_a_title_with_marks_is_offered_only_where_it_finds_something(
    tmp_path: Path, analyzer: Analyzer, title: str
) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        writer.put([release_of(title, "글이다.", id="a")])
        writer.commit({})
    service = SearchService(engine, analyzer)
    for typed in (title[:1], title[:3], title[1:3], title[-2:]):
        for one in service.suggest(typed).suggestions:
            assert service.search(SearchRequest(q=one.text, exact=True)).total == 1, one.text


def test_the_more_frequent_comes_first(service: SearchService) -> None:
    found = service.suggest("창원").suggestions
    assert [one.count for one in found] == sorted((one.count for one in found), reverse=True)
    assert len(service.suggest("창", limit=2).suggestions) == 2


def test_never_a_word_that_no_release_holds(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        writer.put(RELEASES)
        writer.commit({})
    service = SearchService(engine, analyzer)
    assert [one.text for one in service.suggest("하노").suggestions] == ["하노버"]
    with engine.write() as writer:
        writer.remove(["a"])
        writer.commit({})
    assert service.suggest("하노").suggestions == ()
    assert service.suggest("하노바").suggestions == ()
    assert "창원특례시" not in {one.text for one in service.suggest("창원").suggestions}
    with engine.write() as writer:  # merged: what is left is still looked up
        writer.remove(["c"])
        writer.commit({})
    assert service.suggest("데이").suggestions == ()
    assert service.suggest("공연").suggestions or service.suggest("창원시립").suggestions


@pytest.mark.parametrize("word", ["뷁" * 2000, "가" * 2000, "a" * 2000, "뷁" * 20, "하노버박람회" * 333])
def test_a_long_word_is_corrected_with_bounded_work(
    service: SearchService, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    slips: list[str] = []

    def counted(keys: str) -> list[str]:
        slips.extend(made := list(make_slips(keys)))
        return made

    make_slips = suggest._slips
    monkeypatch.setattr(suggest, "_slips", counted)
    service.search(SearchRequest(q=word))
    service.search(SearchRequest(q=" ".join([word[:30]] * 60)))
    assert sum(map(len, slips)) < 2_000_000


def test_the_longest_phrases_are_corrected(service: SearchService) -> None:
    assert len(to_keystrokes("산업통상자원중소벤처기업위원회사무처")) < suggest.MAX_CORRECTED_KEYS
