"""Releases about the same matter, and those with the same text."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from indexer.errors import Busy
from indexer.release import PressRelease
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from indexer.search.similar import Similar
from tests.conftest import release_of

ServiceOf = Callable[..., SearchService]
LONG = " ".join(f"시장은 {number * 137}째 회사를 만나 수소 버스 이야기를 나누었다." for number in range(60))


def ids(releases: tuple[PressRelease, ...]) -> list[str]:
    return [release.id for release in releases]


def test_the_same_matter_comes_first_and_other_matters_do_not(service_of: ServiceOf) -> None:
    service = service_of(
        release_of("수소 버스 충전소 착공", "창원에 수소 버스 충전소를 짓는다.", id="a"),
        release_of("수소 버스 충전소 준공", "창원의 수소 버스 충전소가 문을 열었다.", id="b"),
        release_of("수소 승용차 보급", "수소 승용차를 사면 돈을 보탠다.", id="c"),
        release_of("봄철 산불 예방", "산에 오를 때 불을 조심하자고 했다.", id="d"),
        release_of("가을 산불 예방", "산에 오를 때 불을 조심하자고 했다. 가을이다.", id="e"),
    )
    similar = service.similar("a", 5)
    assert similar is not None
    assert ids(similar.releases)[0] == "b"
    assert not {"a", "d", "e"} & set(ids(similar.releases))
    other = service.similar("d", 5)
    assert other is not None
    assert ids(other.releases) == ["e"]


def test_the_same_text_is_told_apart_from_the_same_matter(service_of: ServiceOf) -> None:
    service = service_of(
        release_of("수소 버스 회의", LONG, id="a"),
        release_of("수소 버스 회의", LONG, id="b"),
        release_of("수소 버스 회의 결과", "시장은 회사들과 수소 버스 이야기를 나누었다.", id="c"),
        *(release_of(f"산불 {number}", "산불을 조심하자.", id=f"d{number}") for number in range(9)),
    )
    similar = service.similar("a", 5)
    assert similar is not None
    assert (ids(similar.same), ids(similar.releases)) == (["b"], ["c"])


def test_it_is_as_short_as_asked(service_of: ServiceOf) -> None:
    service = service_of(
        *(release_of("수소 버스", f"수소 버스 {number}대", id=f"r{number}") for number in range(9))
    )
    similar = service.similar("r0", 3)
    assert similar is not None
    assert len(similar.releases) == 3


def test_nothing_is_like_a_release_without_words_or_alone(service_of: ServiceOf) -> None:
    service = service_of(release_of("!?", "…", id="a"), release_of("수소 버스", id="b"))
    assert service.similar("a", 5) == service.similar("b", 5) == Similar()
    assert service.similar("c", 5) is None


def test_nobody_waits_for_similar_ones_and_no_search_is_kept_out(
    service_of: ServiceOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(release_of("수소 버스", id="a"), release_of("수소 버스", "둘째", id="b"))
    began, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> Similar:
        began.set()
        assert go_on.wait(60)
        return Similar()

    monkeypatch.setattr("indexer.search.service.find_similar", slow)
    readers = [threading.Thread(target=service.similar, args=("a", 5))]
    readers[0].start()
    assert began.wait(60)
    for _ in range(20):
        with pytest.raises(Busy):
            service.similar("b", 5)
        assert service.search(SearchRequest(q="수소")).total == 2
    go_on.set()
    readers[0].join(60)
    assert service.similar("b", 5) == Similar()
