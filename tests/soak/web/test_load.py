"""200 connections at full size while the index changes: no request fails, and the memory stays flat.

BODO_SOAK_INDEX names an index of all releases of korea.kr, BODO_SOAK_CORPUS the releases it was made of; wrk asks.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from indexer.evaluation.judged import read_judged_set
from tests.benchmarks.commands import command, environment, serving

INDEX, CORPUS = os.environ.get("BODO_SOAK_INDEX", ""), os.environ.get("BODO_SOAK_CORPUS", "")
CONNECTIONS, SECONDS, COMMIT_EVERY_S = 200, int(os.environ.get("BODO_SOAK_SECONDS", "60")), 3
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not (INDEX and CORPUS), reason="BODO_SOAK_INDEX or BODO_SOAK_CORPUS is not set"),
    pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed"),
]
SCRIPT = """
local paths = {{}}
for line in io.lines("{file}") do paths[#paths + 1] = line end
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
"""
"""Fills in the file of paths, one a line."""


def test_no_request_fails_while_the_index_changes(tmp_path: Path) -> None:
    index, corpus = tmp_path / "index", tmp_path / "corpus"
    # Files of an index never change: links will do.
    shutil.copytree(INDEX, index, copy_function=os.link)
    shutil.copytree(CORPUS, corpus)
    script = _write_script(tmp_path)
    commits: list[int] = []
    over = threading.Event()

    def commit() -> None:
        while not over.wait(COMMIT_EVERY_S):
            number = len(commits)
            release = tmp_path / f"new{number}.md"
            release.write_text(
                f"---\ntitle: 새 소식 {number}\noutlet: 창원시\n---\n버스가 {number}대 달린다.\n", "utf-8"
            )
            arguments = ("add", str(release)) if number % 4 else ("reindex",)
            done = subprocess.run(
                command(*arguments, "--corpus", str(corpus), "--index", str(index)),
                env=environment(), capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            commits.append(done.returncode)

    with serving(index) as address:
        _ask(script, address, 5)
        writer = threading.Thread(target=commit)
        writer.start()
        # By then former snapshots are kept, as many as ever.
        _ask(script, address, SECONDS // 2)
        half = _private_mb()
        said = _ask(script, address, SECONDS)
        used = _private_mb()
        over.set()
        writer.join()
    print(said, f"{len(commits)} commits, {half:.0f} MB and {used:.0f} MB of their own", sep="\n")
    assert commits
    assert "Socket errors" not in said
    assert "Non-2xx" not in said
    assert re.search(r"(\d+) requests in", said)
    # What a new generation needs is given back with the old one.
    assert used < 1.3 * half


def _write_script(folder: Path) -> Path:
    queries = read_judged_set(Path(CORPUS).parent / "eval-titles").queries
    paths = folder / "paths.txt"
    texts = list(queries.values())[:2_000]
    kinds = ("/api/v1/search?q={}", "/search?q={}", "/api/v1/search?q={}&sort=newest&limit=20")
    paths.write_text(
        "".join(kinds[n % 3].format(quote(text)) + "\n" for n, text in enumerate(texts)), "utf-8"
    )
    script = folder / "ask.lua"
    script.write_text(SCRIPT.format(file=paths), "utf-8")
    return script


def _ask(script: Path, address: str, seconds: int) -> str:
    asked = [
        "wrk",
        "-t2",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--latency",
        "--timeout",
        "60s",
        "-s",
        str(script),
        address,
    ]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def _private_mb() -> float:
    """What the processes of the server have of their own, in megabytes."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"indexer\0serve" in (folder / "cmdline").read_bytes():
                rollup = (folder / "smaps_rollup").read_text()
                total += sum(map(int, re.findall(r"Private_Dirty: +(\d+)", rollup)))
        except OSError:
            continue
    return total / 1024
