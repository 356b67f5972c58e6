"""Really started servers, for tests of what they do and how they end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serving(index: Path, port: int, workers: int = 1) -> list[str]:
    """The command that serves an index."""
    options = {"index": index, "port": port, "workers": workers}
    return [
        sys.executable,
        "-m",
        "indexer",
        "serve",
        *(f"--{name}={value}" for name, value in options.items()),
    ]


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        # A process group of its own, so that a test can interrupt it as a terminal does.
        start_new_session=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert server.stdout
    try:
        yield server
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE_SECONDS)


def announced(server: subprocess.Popen[str]) -> str:
    assert server.stdout
    return server.stdout.readline().strip()
