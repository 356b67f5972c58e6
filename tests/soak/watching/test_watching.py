"""Watching for long: killed a hundred times, storms while people search, documents as ministries published them."""

from __future__ import annotations

import json
import shutil
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.analysis import Analyzer
from indexer.cli.main import main
from indexer.engines.whoosh import WhooshEngine
from tests.conftest import ROOT
from tests.support.servers import announced, free_port, serving, started
from tests.support.watching import indexed, kill_at_random_moments, watching, write

pytestmark = pytest.mark.soak
# Releases as ministries published them, where they are at hand.
FOLDER = ROOT.parent / "shared" / "data" / "formats"
STORM_PATIENCE_S = 600


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    write(folder / "a.txt", "하나")
    return folder


def test_killed_a_hundred_times(corpus: Path, tmp_path: Path, analyzer: Analyzer) -> None:
    kill_at_random_moments(corpus, tmp_path / "index", analyzer, rounds=100, seed=2700)


@pytest.mark.parametrize("files", [1_000, 10_000])
def test_a_storm_while_four_clients_search(
    corpus: Path, tmp_path: Path, analyzer: Analyzer, files: int
) -> None:
    index, port = tmp_path / "index", free_port()
    assert (
        CliRunner().invoke(main, ["reindex", "--corpus", str(corpus), "--index", str(index)]).exit_code == 0
    )
    engine = WhooshEngine(index, analyzer)
    stopping = threading.Event()
    failures: list[str] = []
    times_s: list[float] = []

    def total(query: str) -> int:
        url = f"http://127.0.0.1:{port}/api/v1/search?q={urllib.parse.quote(query)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return int(json.load(answer)["total"])

    def search(client: int) -> None:
        number = client
        while not stopping.is_set():
            number = (number + 7) % files
            began = time.monotonic()
            try:
                total(f"물레방아 {number}호" if number % 2 else "창원 소식")
            except (OSError, ValueError) as error:
                failures.append(repr(error))
            times_s.append(time.monotonic() - began)

    with started(serving(index, port, workers=2)) as server, watching(corpus, index) as command:
        assert announced(server)
        command.until_watching()
        clients = [threading.Thread(target=search, args=(client,)) for client in range(4)]
        for client in clients:
            client.start()
        began = time.monotonic()
        for number in range(files):
            write(corpus / f"{number % 10}" / f"{number}.txt", f"물레방아 {number}호 소식")
        dropped_s = time.monotonic() - began
        command.until(lambda: total("물레방아") == files, STORM_PATIENCE_S)
        found_s = time.monotonic() - began
        stopping.set()
        for client in clients:
            client.join()
        command.end()
    times_s.sort()
    batches = [line for line in command.lines if line["event"] == "batch"]
    print(
        f"\n{files:,} files: dropped in {dropped_s:.1f} s, all found after {found_s:.1f} s in {len(batches)} batches; "
        f"{len(times_s):,} searches, median {times_s[len(times_s) // 2] * 1000:.0f} ms, "
        f"99 % within {times_s[len(times_s) * 99 // 100] * 1000:.0f} ms, failed {len(failures)}"
    )
    assert not failures
    assert len(indexed(engine)) == files + 1
    assert sum(batch["added"] for batch in batches) == files


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not here")
def test_documents_dropped_one_by_one(tmp_path: Path, analyzer: Analyzer) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    engine = WhooshEngine(index, analyzer)
    times_s = []
    refused: dict[str, str] = {}
    with watching(corpus, index, "--allow-removals") as command:
        command.until_watching()
        for path in sorted(FOLDER.iterdir()):
            seen = len(command.lines)
            began = time.monotonic()
            shutil.copyfile(path, corpus / path.name)
            command.until(lambda seen=seen: len(command.lines) > seen)  # type: ignore[misc]
            times_s.append((time.monotonic() - began, path.name))
        command.end()
    for line in command.lines:
        assert line["event"] in ("batch", "note"), line
        refused |= {problem["path"]: problem["reason"] for problem in line.get("refused", ())}
    done = CliRunner().invoke(
        main, ["reindex", "--corpus", str(corpus), "--index", str(tmp_path / "other"), "--json"]
    )
    report = json.loads(done.stdout)
    assert indexed(engine) == indexed(WhooshEngine(tmp_path / "other", analyzer))
    assert refused == {problem["path"]: problem["reason"] for problem in report["refused"]}
    print(f"\n{len(times_s)} documents, {len(refused)} refused; slowest {max(times_s)}")
