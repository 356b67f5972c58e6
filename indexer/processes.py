"""What becomes of processes when another one ends: no worker outlives the command that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from types import FrameType

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_LOOK_EVERY_S = 1.0


def die_with_parent(parent: int | None = None) -> None:
    """Have this process killed when its parent ends; at once where it has ended already. `parent` is its pid,
    known where `multiprocessing` started this process.

    Linux does it; elsewhere a thread looks after it, as often as a library lets it.
    """
    if parent is None:
        starter = parent_process()
        assert starter is not None
        assert starter.pid is not None
        parent = starter.pid
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # It may have ended before it was asked for.
    _die_without(parent)


def _watch(parent: int) -> None:
    while True:
        time.sleep(_LOOK_EVERY_S)
        _die_without(parent)


def _die_without(parent: int) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Within it, SIGTERM is a KeyboardInterrupt, so that the work ends as with Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what signal calls
        # Asked again while it clears away, it goes on clearing away.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
