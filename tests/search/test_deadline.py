"""A search has an end: by the clock, which is counted here, and by how many wait for their turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.bootstrap import open_service
from indexer.engine import NgramPhrase, Or, Stop, Term
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import Busy
from indexer.search.request import SearchRequest
from indexer.search.response import Suggestions
from indexer.search.service import MAX_SEARCHES, SearchService
from indexer.search.snapshots import OpenSnapshot
from indexer.settings import Settings
from tests.support.engines import StopAfter

PATIENCE_S = 30


@pytest.fixture
def timed(first_index: Path, analyzer: Analyzer) -> Callable[[int], SearchService]:
    """Makes a service whose searches stop once they looked so often."""

    def make(looks: int) -> SearchService:
        return SearchService(
            WhooshEngine(first_index, analyzer), analyzer, start_clock=lambda: StopAfter(looks)
        )

    return make


QUERIES = [
    "하노버",
    "창원 하노버 박람회 독일 출장 시장 기업 업무협약 방문 공동관",
    "창원 하노버 박람회 독일 출장 시장 기업 업무협약 방문 없는말",
    "a|b|c|d|e|f|g|h|i|하노버|창원",
    "하노바 없는말",
    " ".join(f'"{syllable}"' for syllable in "가나다라마바사아자차카타파하이은는을를의"),
    "가나다라 마바사아 자차카타 파하거너 더러머버 서어저처 커터퍼허 고노도로 모보소오",
]  # fmt: skip


@pytest.mark.parametrize("q", QUERIES)
def test_what_is_found_before_the_deadline_is_right(
    timed: Callable[[int], SearchService], first_service: SearchService, q: str
) -> None:
    for request in (
        SearchRequest(q=q),
        SearchRequest(q=q, filters={"outlet": ("없는 매체",)}),
        SearchRequest(q=q, exact=True),
    ):
        whole = first_service.search(request)
        assert not whole.timed_out
        for looks in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89):
            answer = timed(looks).search(request)
            assert answer.total <= whole.total or answer.query != whole.query
            if not answer.timed_out:
                assert (answer.query, answer.total, answer.hits) == (whole.query, whole.total, whole.hits)
                assert (answer.partial, answer.alternatives) == (whole.partial, whole.alternatives)


def test_few_words_are_looked_for_to_the_end(timed: Callable[[int], SearchService]) -> None:
    answer = timed(0).search(SearchRequest(q="하노버 산업박람회 창원"))
    assert answer.total == 1
    assert answer.hits[0].title.ranges
    assert answer.hits[0].snippets[0].ranges


def test_many_words_are_not(timed: Callable[[int], SearchService]) -> None:
    answer = timed(0).search(SearchRequest(q=QUERIES[1]))
    assert answer.timed_out
    assert timed(10_000).search(SearchRequest(q=QUERIES[1])).total == 1


def test_what_is_found_is_shown_in_time_of_its_own(first_index: Path, analyzer: Analyzer) -> None:
    clocks = iter([StopAfter(20), StopAfter(10_000)])
    service = SearchService(WhooshEngine(first_index, analyzer), analyzer, start_clock=lambda: next(clocks))
    answer = service.search(SearchRequest(q=" | ".join(QUERIES[1].split())))
    assert answer.timed_out
    assert answer.hits[0].title.ranges


def test_what_was_not_counted_to_the_end_is_not_remembered(
    first_index: Path, analyzer: Analyzer, first_service: SearchService
) -> None:
    looks = [0]
    service = SearchService(
        WhooshEngine(first_index, analyzer), analyzer, start_clock=lambda: StopAfter(looks[0])
    )
    for q in QUERIES:
        for looks[0] in (0, 1, 2, 4, 7, 11, 16, 22, 29):
            service.search(SearchRequest(q=q))
            service.suggest(q[:100])
        looks[0] = 1_000_000
        answer, whole = service.search(SearchRequest(q=q)), first_service.search(SearchRequest(q=q))
        assert (answer.query, answer.total, answer.hits) == (whole.query, whole.total, whole.hits)
        assert answer.alternatives == whole.alternatives


def test_a_count_that_was_cut_short_is_not_remembered(first_index: Path, analyzer: Analyzer) -> None:
    reader = WhooshEngine(first_index, analyzer).open()
    node = Or((Term("없는말"), NgramPhrase("하노버"), Term("창원"), Term("독일")))
    cut = 0
    for looks in range(10):
        opened = OpenSnapshot(reader, analyzer)
        cut += not opened.count(node, StopAfter(looks))
        assert opened.count(node) == 1
        assert opened.count(node, StopAfter(0)) == 1
    assert 1 < cut < 10


def test_suggestions_past_the_deadline_are_those_that_need_no_search(
    timed: Callable[[int], SearchService],
) -> None:
    assert timed(0).suggest("창원의 하노") == Suggestions(timed_out=True)
    whole = timed(10_000).suggest("창원의 하노")
    assert whole.suggestions
    assert not whole.timed_out


def test_the_deadline_is_in_seconds(first_index: Path) -> None:
    assert (
        open_service(Settings(index=first_index), deadline_s=1e-9)
        .search(SearchRequest(q=QUERIES[1]))
        .timed_out
    )
    assert (
        not open_service(Settings(index=first_index), deadline_s=1000)
        .search(SearchRequest(q=QUERIES[1]))
        .timed_out
    )


def test_so_many_wait_and_others_are_told_to_come_back(first_index: Path, analyzer: Analyzer) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def wait() -> Stop:
        begun.release()
        assert go_on.wait(PATIENCE_S)
        return lambda: False

    service = SearchService(WhooshEngine(first_index, analyzer), analyzer, start_clock=wait)
    totals: list[int] = []

    def search() -> None:
        totals.append(service.search(SearchRequest(q="하노버")).total)

    threads = [threading.Thread(target=search) for _ in range(MAX_SEARCHES)]
    threads[0].start()
    assert begun.acquire(timeout=PATIENCE_S)
    for thread in threads[1:]:
        thread.start()
    while service._places._value:  # until all have come
        threads[-1].join(0.001)
    with pytest.raises(Busy):
        service.search(SearchRequest(q="하노버"))
    # What does not search answers meanwhile.
    assert service.state().documents == 1
    assert service.overview().newest[:1]
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert totals == [1] * MAX_SEARCHES
    assert service.search(SearchRequest(q="하노버")).total == 1
