"""`bodo serve --watch`: the command `bodo watch` in a process of its own, for as long as the server runs.

Commands that are run here read their settings from the environment of this process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import indexer

# Choices: how soon one that died is started again, and how long one that is told to end may take. It can be
# killed at any moment: the index stays whole.
_RESTART_SECONDS = 1.0
_STOP_TIMEOUT_SECONDS = 10


def build_index() -> None:
    """Run `bodo reindex`, which says what it does and what it refuses."""
    subprocess.run(_command("reindex"), env=_environment(), check=False)  # noqa: S603 - this interpreter


@contextmanager
def watching() -> Iterator[Callable[[], None]]:
    """A context with a function that starts the watching; it ends with the context. One
    that dies is replaced.
    """
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_watching, args=(stopping,), daemon=True)
    try:
        yield keeper.start
    finally:
        stopping.set()
        if keeper.is_alive():
            keeper.join(_STOP_TIMEOUT_SECONDS * 2)


def _keep_watching(stopping: threading.Event) -> None:
    # Linux ends a child with the thread that started it: this one lives as long as the server.
    command, environment = _command("watch", "--parent", str(os.getpid())), _environment()
    while not stopping.is_set():
        # Ctrl-C goes to the group of the server, which ends the watching itself.
        process = subprocess.Popen(  # noqa: S603 - this interpreter
            command, process_group=0, env=environment
        )
        while process.poll() is None and not stopping.wait(_RESTART_SECONDS):
            pass
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        stopping.wait(_RESTART_SECONDS)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "indexer", *arguments]


def _environment() -> dict[str, str]:
    paths = [os.fspath(Path(indexer.__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
