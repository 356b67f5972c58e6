"""Turns are taken one at a time, in the order in which threads came."""

from __future__ import annotations

import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.search.turns import Turns

PATIENCE_S = 60


def waiting(turns: Turns, count: int) -> None:
    """Wait until so many threads are in the row."""
    end = time.monotonic() + PATIENCE_S
    while len(turns._row) != count:
        assert time.monotonic() < end
        time.sleep(0.001)


def test_who_comes_first_is_first() -> None:
    turns, order = Turns(), list[int]()
    assert turns.take(0)

    def come(number: int) -> None:
        assert turns.take(PATIENCE_S)
        order.append(number)
        turns.give_up()

    threads = [threading.Thread(target=come, args=(number,)) for number in range(20)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        waiting(turns, number)
    turns.give_up()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert order == list(range(20))
    assert turns.take(0)


def test_who_loses_patience_leaves_the_row() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0)
    assert not turns.take(0.01)
    assert not turns._row
    turns.give_up()
    assert turns.take(0)


@given(st.lists(st.sampled_from([0.0, 0.0005, PATIENCE_S]), min_size=2, max_size=30))
@settings(max_examples=20, deadline=None)
def test_one_at_a_time_whoever_leaves(patience: list[float]) -> None:
    turns, inside, most = Turns(), list[int](), list[int]()

    def come(number: int, patience_s: float) -> None:
        if turns.take(patience_s):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.0003)
            inside.remove(number)
            turns.give_up()

    threads = [threading.Thread(target=come, args=one) for one in enumerate(patience)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert set(most) <= {1}
    assert len(most) >= sum(one == PATIENCE_S for one in patience)
    # Nobody has it, and nobody waits.
    assert turns.take(0)
