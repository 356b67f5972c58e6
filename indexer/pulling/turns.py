"""Several sources at the same time, so that a slow one holds up only those of its host."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Final
from urllib.parse import urlsplit

from indexer.pulling.pull import PullReport
from indexer.pulling.source import Source

# Pulling is waiting, mostly; each holds a page of 16 MiB at most while it is read.
MOST_AT_ONCE: Final = 8


def pull_in_turns(
    sources: Sequence[Source], pull_one: Callable[[Source], PullReport]
) -> Iterator[list[tuple[Source, PullReport]]]:
    """Call `pull_one` for each source, in threads: hosts at the same time, the sources of a host one after
    another. Gives what has ended since it was asked last, as soon as that is one at least.

    The threads end with the process. Raises what `pull_one` raises.
    """
    hosts: dict[str, list[Source]] = {}
    for source in sources:
        hosts.setdefault((urlsplit(source.url).hostname or "").lower(), []).append(source)
    waiting: SimpleQueue[list[Source]] = SimpleQueue()
    for group in hosts.values():
        waiting.put(group)
    ended: SimpleQueue[tuple[Source, PullReport] | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            while True:
                for source in waiting.get_nowait():
                    ended.put((source, pull_one(source)))
        except Empty:
            return
        except BaseException as error:
            # It is raised where the thread was started.
            ended.put(error)

    for _ in range(min(MOST_AT_ONCE, len(hosts))):
        # What is killed leaves whole releases only: no reason to wait for a slow server at the end.
        threading.Thread(target=work, daemon=True).start()
    left = len(sources)
    while left:
        batch = [_result(ended.get())]
        while not ended.empty():
            batch.append(_result(ended.get()))
        left -= len(batch)
        yield batch


def _result(ended: tuple[Source, PullReport] | BaseException) -> tuple[Source, PullReport]:
    if isinstance(ended, BaseException):
        raise ended
    return ended
