"""What is acknowledged is there, whatever the cluster and the network do; what is refused is named."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from indexer.engines.opensearch import bulk, documents
from indexer.engines.opensearch.bulk import Action, BulkSender
from indexer.engines.opensearch.cluster import Cluster, Connection
from indexer.engines.opensearch.documents import Document
from indexer.engines.opensearch.spool import Spool
from indexer.errors import BodoError, IndexUnavailable
from indexer.release import PressRelease
from tests.conftest import Clock, release_of
from tests.engines.opensearch.conftest import TITLES, Command, answer, is_bulk, titles, write
from tests.support.engines import seoul_time
from tests.support.faulty_proxy import Answer, Cut, Fault, FaultyProxy, Mix, Pass, Request, Truncate
from tests.support.opensearch_archive import Archive

BUSY = answer(429, "opensearch_rejected_execution_exception", "rejected execution of primary operation")
DOWN = Answer(503, b"Service Unavailable", "text/plain")
# Some releases in groups, some under embargo.
RELEASES = [
    release_of(
        f"{number}째 소식",
        "같은 본문이 길게 이어진다. " * 30 if number % 5 == 0 else f"{number}째 본문이다.",
        id=f"r{number:03}",
        published=f"2024-01-{number % 3 + 1:02}T09:00",
        embargo_until=seoul_time(4_000_000_000) if number % 7 == 0 else None,
    )
    for number in range(60)
]


@pytest.fixture(autouse=True)
def _small_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many requests, and little patience."""
    monkeypatch.setattr(bulk, "MAX_REQUEST_BYTES", 10_000)
    monkeypatch.setattr(bulk, "PATIENCE_S", 30.0)


def on_bulk(behaviour: Callable[[Request], Fault]) -> Callable[[Request], Fault]:
    """What happens to requests with releases only."""
    return lambda request: behaviour(request) if is_bulk(request) else Pass()


def some_times(fault: Fault, times: int) -> Callable[[Request], Fault]:
    left = iter([fault] * times)
    return lambda request: next(left, Pass())


NEW = {release.id: release.title for release in RELEASES}
FAULTS: dict[str, Callable[[Request], Fault]] = {
    "busy": some_times(BUSY, 6),
    "down": some_times(DOWN, 6),
    "lost": Mix([(Cut("after"), 0.3), (Cut("before"), 0.1)], seed=1),
    "halves": Mix([(Cut("request"), 0.2), (Cut("answer"), 0.2), (Truncate(), 0.1)], seed=2),
    "everything": Mix([(BUSY, 0.15), (DOWN, 0.1), (Cut("after"), 0.15), (Truncate(), 0.1)], seed=3),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("fresh", [False, True], ids=["change", "new"])
def test_everything_is_there_in_the_end(archive: Archive, proxy: FaultyProxy, name: str, fresh: bool) -> None:
    write(archive.engine(), [release_of("앞의 소식", id="r000"), release_of("남는 소식", id="old")])
    proxy.behaviour = on_bulk(FAULTS[name])
    write(archive.engine(proxy.url), RELEASES, fresh=fresh)
    assert titles(archive) == (NEW if fresh else {**NEW, "old": "남는 소식"})


@pytest.mark.parametrize("fault", [Cut("after"), Truncate(), Cut("before"), DOWN], ids=str)
@pytest.mark.parametrize("fresh", [False, True], ids=["change", "new"])
def test_any_answer_may_be_lost_once(archive: Archive, proxy: FaultyProxy, fresh: bool, fault: Fault) -> None:
    """Each request but those of the lock fails the first time; it is repeated."""
    write(archive.engine(), [release_of("앞의 소식", id="r000")])
    seen: set[Request] = set()

    def first_fails(request: Request) -> Fault:
        if request in seen or "-lock" in request.path:
            return Pass()
        seen.add(request)
        return fault

    proxy.behaviour = first_fails
    write(archive.engine(proxy.url), RELEASES, fresh=fresh)
    assert titles(archive) == NEW
    assert len(archive.releases()) == (2 if fresh else 1)


def test_a_commit_whose_answers_are_all_lost_harms_nothing(archive: Archive, proxy: FaultyProxy) -> None:
    """The alias was changed, and the writer does not know it."""
    write(archive.engine(), [release_of("앞의 소식", id="r000")])
    proxy.behaviour = lambda request: Cut("after") if request.path == "/_aliases" else Pass()
    with pytest.raises(IndexUnavailable, match="연결할 수 없습니다"):
        write(archive.engine(proxy.url), RELEASES, fresh=True)
    assert titles(archive) == NEW


def test_a_cluster_that_takes_nothing_is_given_up(
    archive: Archive, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PATIENCE_S", 1.0)
    write(archive.engine(), [release_of("앞의 소식", id="old")])
    for fresh in (False, True):
        proxy.behaviour = on_bulk(lambda _: BUSY)
        started = time.monotonic()
        with pytest.raises(IndexUnavailable, match="바빠"):
            write(archive.engine(proxy.url), RELEASES, fresh=fresh)
        assert time.monotonic() - started < 20
        assert titles(archive) == {"old": "앞의 소식"}
    write(archive.engine(), RELEASES)
    assert titles(archive) == {**NEW, "old": "앞의 소식"}
    assert len(archive.releases()) == 1


def test_a_gone_cluster_does_not_hide_what_went_wrong(archive: Archive, proxy: FaultyProxy) -> None:
    engine = archive.engine(proxy.url, timeout_s=1.0)

    def fail() -> None:
        with engine.write(fresh=True) as writer:
            writer.put(RELEASES)
            proxy.behaviour = Cut("before")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    proxy.behaviour = Pass()
    write(archive.engine(), RELEASES)
    assert len(archive.releases()) == 1


def test_what_follows_a_commit_does_not_make_it_fail(archive: Archive, proxy: FaultyProxy) -> None:
    write(archive.engine(), [release_of("앞의 소식", id="old")])
    proxy.behaviour = lambda request: Cut("before") if request.method == "DELETE" else Pass()
    write(archive.engine(proxy.url, keep=0), RELEASES, fresh=True)
    assert titles(archive) == NEW
    write(archive.engine(keep=0), RELEASES)
    assert len(archive.releases()) == 1


@pytest.mark.parametrize("fresh", [False, True], ids=["change", "new"])
def test_a_disk_that_fills_up_is_told(archive: Archive, proxy: FaultyProxy, fresh: bool) -> None:
    """Between two requests; no release is to blame."""
    write(archive.engine(), [release_of("앞의 소식", id="old")])

    def fill_up(_: Request) -> Fault:
        for name in archive.releases():
            archive.ask("PUT", f"/{name}/_settings", {"index.blocks.read_only_allow_delete": True})
        return Pass()

    proxy.behaviour = on_bulk(fill_up)
    with pytest.raises(IndexUnavailable, match=r"디스크가 거의 찼습니다.*\n디스크를 비우거나"):
        write(archive.engine(proxy.url), RELEASES, fresh=fresh)
    for name in archive.releases():
        archive.ask("PUT", f"/{name}/_settings", {"index.blocks.read_only_allow_delete": None})
    assert titles(archive)["old"] == "앞의 소식"
    write(archive.engine(), RELEASES)
    assert titles(archive) == {**NEW, "old": "앞의 소식"}
    assert len(archive.releases()) == 1


@contextmanager
def spoiling(monkeypatch: pytest.MonkeyPatch, release_id: str) -> Iterator[None]:
    """The document of one release has a field that the mapping does not know."""
    make = documents.make_documents

    def spoil(*arguments: object) -> Iterator[Document]:
        for made in make(*arguments):  # type: ignore[arg-type]
            source = made.source[:-1] + b',"unknown":1}' if made.id == release_id else made.source
            yield Document(made.id, made.embargo_s, source, made.phrases, made.signature)

    with monkeypatch.context() as patch:
        patch.setattr("indexer.engines.opensearch.encoding.make_documents", spoil)
        yield


@pytest.mark.parametrize("fresh", [False, True], ids=["change", "new"])
def test_a_refused_release_is_named(archive: Archive, monkeypatch: pytest.MonkeyPatch, fresh: bool) -> None:
    write(archive.engine(), [release_of("앞의 소식", id="old")])
    with (
        spoiling(monkeypatch, "r013"),
        pytest.raises(BodoError, match=r"(?s)1건을 받지 않았습니다.*r013: .*unknown.*고치거나"),
    ):
        write(archive.engine(), RELEASES, fresh=fresh)
    found = titles(archive)
    assert found.pop("old") == "앞의 소식"
    if fresh:
        assert not found
        assert len(archive.releases()) == 1
    else:
        assert "r013" not in found
        assert found.items() <= NEW.items()
    write(archive.engine(), RELEASES)
    assert titles(archive) == {**NEW, "old": "앞의 소식"}


def test_a_refused_release_is_named_by_the_command(
    filled: Archive, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("reindex", "--allow-removals").exit_code == 0
    before = titles(filled)
    spoiled = next(release_id for release_id, title in before.items() if title == TITLES[1])
    with spoiling(monkeypatch, spoiled):
        done = command("reindex", "--full")
    assert (done.exit_code, spoiled in done.stderr, "Traceback" in done.output) == (1, True, False)
    assert titles(filled) == before


def test_no_more_requests_are_made_than_wait(archive: Archive, proxy: FaultyProxy) -> None:
    """Memory is bounded however slow the cluster is."""
    going = threading.Event()
    proxy.behaviour = lambda request: Pass() if going.wait(30) else DOWN
    sender = BulkSender(Cluster(Connection(urls=(proxy.url,))), 1)
    made: list[int] = []

    def actions() -> Iterator[Action]:
        for number in range(40):
            made.append(number)
            yield Action(f"{archive.alias}-none", str(number), b"{" + b" " * 9_000 + b"}")

    def send() -> None:
        with suppress(IndexUnavailable):  # there is no such index
            sender.send(actions())

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    time.sleep(1.0)
    # Two on their way, two behind them, one that is being made, and one for which there was no place.
    assert len(made) <= 6
    going.set()
    thread.join(30)
    sender.close()


def test_a_writer_that_stops_sending_does_not_wait(archive: Archive, proxy: FaultyProxy) -> None:
    proxy.behaviour = on_bulk(lambda _: DOWN)
    sender = BulkSender(Cluster(Connection(urls=(proxy.url,))), 1)
    sender.send([Action(archive.alias, "1", b"{}" + b" " * 9_000), Action(archive.alias, "2", b"{} ")])
    sender.send([Action(archive.alias, "3", b"{}" + b" " * 9_000)])
    time.sleep(0.5)
    started = time.monotonic()
    sender.close()
    assert time.monotonic() - started < 5


def test_an_embargo_that_passes_while_it_is_written(archive: Archive, clock: Clock) -> None:
    """More embargoes have passed than stay in their own indexes, one of them between `put` and `commit`."""
    engine = archive.engine(clock=clock)
    start = clock.at

    def waiting(number: int, title: str) -> PressRelease:
        until = seoul_time(int(start) + 100 * (number + 1))
        return release_of(title, "본문이다.", id=f"e{number}", embargo_until=until)

    write(engine, [waiting(number, "앞의 소식") for number in range(9)])
    clock.at = start + 850
    with engine.write() as writer:
        writer.put([waiting(8, "고친 소식")])
        clock.at = start + 950
        writer.commit({})
    expected = {f"e{number}": "앞의 소식" for number in range(8)} | {"e8": "고친 소식"}
    assert titles(archive) == expected
    write(engine, [release_of("또", id="또")])
    assert titles(archive) == {**expected, "또": "또"}


def test_an_embargo_that_passes_while_a_new_index_is_written(archive: Archive, clock: Clock) -> None:
    body = "같은 본문이 길게 이어진다. " * 30
    until = seoul_time(int(clock.at) + 100)
    with archive.engine(clock=clock).write(fresh=True) as writer:
        writer.put([release_of("소식", body, id=one, embargo_until=until) for one in ("a", "b")])
        clock.at += 200
        writer.commit({})
    assert titles(archive) == {"a": "소식", "b": "소식"}


def fill(spool: Spool) -> None:
    for number in range(2_000):
        spool.add(Action("index", str(number), b'{"a":1}'))


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    spool = Spool()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        with pytest.raises(IndexUnavailable, match="쓸 수 없습니다") as told:
            fill(spool)
        assert "TMPDIR" in told.value.hint
    finally:
        spool.close()
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
