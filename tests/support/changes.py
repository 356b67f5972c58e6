"""Changes of an index that a crash or a failing disk must leave done or undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engine import Writer, find_release
from indexer.engines.whoosh import WhooshEngine
from indexer.errors import IndexUnavailable
from tests.conftest import release_of
from tests.support.snapshots import versions

# What an index holds: the title of each release by id; None where there is no index.
State = dict[str, str] | None


def single_process_engine(folder: Path, analyzer: Analyzer) -> WhooshEngine:
    return WhooshEngine(folder, analyzer, processes=1)


def read_state(folder: Path, analyzer: Analyzer) -> State:
    """What an index holds. Raises IndexUnavailable where it is damaged."""
    engine = single_process_engine(folder, analyzer)
    if not engine.live_name():
        return None
    reader = engine.open()
    titles = {}
    for release_id in versions(reader):
        release = find_release(reader, release_id)
        assert release is not None
        titles[release_id] = release.title
    assert not list(engine.verify())
    return titles


def is_intact(folder: Path, analyzer: Analyzer) -> bool:
    try:
        read_state(folder, analyzer)
    except IndexUnavailable:
        return False
    return True


@dataclass(frozen=True)
class Change:
    """A change of an index with `releases_before` releases, committed one by one. `write` does it with a writer,
    before the commit; `after` is what the index holds then.
    """

    name: str
    releases_before: int
    write: Callable[[Writer], None]
    after: dict[str, str]
    fresh: bool = False

    def prepare(self, folder: Path, analyzer: Analyzer) -> None:
        for number in range(self.releases_before):
            with single_process_engine(folder, analyzer).write() as writer:
                writer.put([release_of(f"소식 {number}", f"창원 본문 {number}이다.", id=str(number))])
                writer.commit({"file": str(number)})

    def apply(self, folder: Path, analyzer: Analyzer) -> None:
        engine = single_process_engine(folder, analyzer)
        with engine.write(fresh=self.fresh) as writer:
            self.write(writer)
            writer.commit({"file": "new"})
        engine.merge()


def _titles(count: int) -> dict[str, str]:
    return {str(number): f"소식 {number}" for number in range(count)}


def _add(writer: Writer) -> None:
    writer.put([release_of("새 소식", "하노버에 갔다.", id="new")])


def _replace(writer: Writer) -> None:
    writer.put([release_of("고친 소식", "독일에 갔다.", id="0")])
    writer.remove(["1"])


def _rebuild(writer: Writer) -> None:
    writer.put([release_of(f"다시 {number}", f"본문 {number}", id=str(number)) for number in range(4)])


CHANGES = (
    Change("first", 0, _add, {"new": "새 소식"}),
    Change("add", 2, _add, {**_titles(2), "new": "새 소식"}),
    Change("replace", 3, _replace, {"0": "고친 소식", "2": "소식 2"}),
    Change("merge", 7, _add, {**_titles(7), "new": "새 소식"}),
    Change("rebuild", 3, _rebuild, {str(number): f"다시 {number}" for number in range(4)}, fresh=True),
)
