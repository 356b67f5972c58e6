"""Who is compared is asked in turn, and the ratio is of pairs."""

from __future__ import annotations

import pytest

from tests.benchmarks import timing
from tests.benchmarks.clients import Client
from tests.benchmarks.timing import Workload, compare, paired_ratio, spread, time_alone, time_in_turn


def test_the_first_of_each_pair_changes() -> None:
    asked: list[str] = []
    times = time_in_turn(
        ["a", "b", "c"],
        lambda query: asked.append(f"ours {query}"),
        lambda query: asked.append(f"theirs {query}"),
    )
    assert asked == ["ours a", "theirs a", "theirs b", "ours b", "ours c", "theirs c"]
    assert [len(own) for own in times] == [3, 3]


def test_the_ratio_is_the_median_of_pairs_not_that_of_medians() -> None:
    # A machine that becomes ten times slower after the first queries: each pair still says a half.
    subject, baseline = [0.1, 0.1, 1.0, 1.0, 1.0], [0.2, 0.2, 2.0, 2.0, 2.0]
    assert paired_ratio(subject, baseline) == {"median": 0.5, "low": 0.5, "high": 0.5}


def test_the_interval_holds_the_median_and_is_the_same_each_time() -> None:
    subject = [1.0 + index % 7 / 10 for index in range(100)]
    ratio = paired_ratio(subject, [2.0] * 100)
    assert ratio["low"] <= ratio["median"] <= ratio["high"]
    assert 0.5 <= ratio["low"] < ratio["high"] <= 0.8
    assert ratio == paired_ratio(subject, [2.0] * 100)


def test_more_queries_say_it_more_surely() -> None:
    def width(count: int) -> float:
        ratio = paired_ratio([1.0 + index % 11 / 10 for index in range(count)], [1.0] * count)
        return ratio["high"] - ratio["low"]

    assert width(2_000) < width(20)


def test_both_and_their_ratio_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(timing, "perf_counter", lambda: clock[0])

    def take(seconds: float) -> timing.Ask:
        def ask(_: str) -> None:
            clock[0] += seconds

        return ask

    comparison = compare(Workload(["a"] * 8, ["b"]), take(2.0), take(0.5))
    assert comparison["queries"] == 8
    assert comparison["subject"]["p50_ms"] == 2000
    assert comparison["baseline"]["p95_ms"] == 500
    assert comparison["ratio"] == {"median": 4, "low": 4, "high": 4}


def test_other_queries_are_asked_before() -> None:
    asked: list[str] = []
    time_alone(Workload(["a", "b"], ["c", "d"]), asked.append)
    assert asked == ["c", "d", "a", "b"]
    compare(Workload(["a"], ["c"]), asked.append, asked.append)
    assert asked[4:] == ["c", "c", "a", "a"]


def test_the_spread_is_in_milliseconds() -> None:
    times = [index / 1000 for index in range(1, 101)]
    assert spread(times) == {"p50_ms": 50.5, "p95_ms": 95.05, "max_ms": 100.0}


def test_a_client_says_what_a_server_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Response:
        status = 503

        def read(self) -> bytes:
            return b"busy"

    client = Client("http://127.0.0.1:1", lambda query: (f"/{query}", b""))
    connection = client._connection
    monkeypatch.setattr(connection, "request", lambda *_: None)
    monkeypatch.setattr(connection, "getresponse", Response)
    with pytest.raises(RuntimeError, match="/a: 503 busy"):
        client.ask("a")
