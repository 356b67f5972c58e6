"""Sources of different hosts are pulled at the same time; those of one host are not."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from indexer.pulling.pull import PullReport
from indexer.pulling.source import Source
from indexer.pulling.turns import MOST_AT_ONCE, pull_in_turns

# Long enough for a busy machine; what waits for ever fails.
PATIENCE_S = 20


def sources(*places: str) -> list[Source]:
    return [
        Source(name=str(number), kind="feed", url=f"http://{place}/{number}")
        for number, place in enumerate(places)
    ]


def test_a_slow_source_holds_up_no_other_host() -> None:
    others_ended = threading.Event()

    def pull_one(source: Source) -> PullReport:
        if source.name == "0":
            assert others_ended.wait(PATIENCE_S)
        return PullReport(source.name)

    seen: list[str] = []
    for batch in pull_in_turns(sources("slow.example", "b.example", "c.example", "b.example"), pull_one):
        seen += [report.source for _, report in batch]
        if len(seen) == 3:
            others_ended.set()
    assert seen[-1] == "0"
    assert sorted(seen) == ["0", "1", "2", "3"]


def test_sources_of_a_host_take_turns_in_their_order() -> None:
    running: list[str] = []
    order: list[str] = []

    def pull_one(source: Source) -> PullReport:
        running.append(source.name)
        assert len(running) == 1
        order.append(source.name)
        running.remove(source.name)
        return PullReport(source.name)

    batches = list(pull_in_turns(sources(*["a.example", "A.example:8080"] * 30), pull_one))
    assert sum(map(len, batches)) == 60
    assert all(int(one) < int(other) for one, other in pairwise(order))


def test_many_hosts_take_a_few_threads() -> None:
    most, lock = [0, 0], threading.Lock()

    def pull_one(source: Source) -> PullReport:
        with lock:
            most[0] += 1
            most[1] = max(most)
        threading.Event().wait(0.001)
        with lock:
            most[0] -= 1
        return PullReport(source.name)

    places = [f"{number}.example" for number in range(50)]
    assert sum(map(len, pull_in_turns(sources(*places), pull_one))) == 50
    assert most[1] <= MOST_AT_ONCE


def test_an_error_of_the_program_is_raised_and_hangs_nothing() -> None:
    def pull_one(source: Source) -> PullReport:
        raise ZeroDivisionError(source.name)

    with pytest.raises(ZeroDivisionError):
        list(pull_in_turns(sources("a.example", "b.example"), pull_one))
    assert list(pull_in_turns([], pull_one)) == []
