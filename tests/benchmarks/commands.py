"""`bodo` as processes of their own: what builds an index, and what serves it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.memory import watch
from tests.support.servers import free_port


@dataclass(frozen=True, slots=True)
class Built:
    """How long an index took from the files to the live state, and the most memory of all its processes."""

    seconds: float
    private_mb: int


def build_index(corpus: Path, index: Path, **variables: str) -> Built:
    """`bodo reindex` of a corpus, with further variables of the environment. Raises RuntimeError with what it
    said where it fails or refuses a file.
    """
    started = time.perf_counter()
    arguments = command("reindex", "--corpus", str(corpus), "--index", str(index))
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(arguments, stdout=said, stderr=said, env=environment() | variables)
        most = watch(process)
        seconds = time.perf_counter() - started
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"bodo reindex: status {process.returncode}\n{said.read().decode()}")
    return Built(round(seconds, 1), most)


@contextmanager
def serving(index: Path, **variables: str) -> Iterator[str]:
    """The address of `bodo serve`, with a worker process for each processor."""
    port = free_port()
    arguments = command("serve", "--index", str(index), "--port", str(port), "--workers", str(processors()))
    server = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment() | variables)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
        if server.stdout:
            server.stdout.close()


def command(*arguments: str) -> list[str]:
    """`bodo` with arguments."""
    return [sys.executable, "-m", "indexer", *arguments]


def environment() -> dict[str, str]:
    """That of a process that imports what this one does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))
