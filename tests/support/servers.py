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


@contextmanager
def running(port: int, workers: int = 1) -> Iterator[subprocess.Popen[str]]:
    with started([sys.executable, "-m", "tests.web.fake_server", str(port), str(workers)]) as server:
        yield server


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
