"""The end of processes: no worker outlives the command that started it, and SIGTERM ends like Ctrl-C."""

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
# A choice: how long a worker may outlive its parent where Linux does not kill it.
_POLL_INTERVAL_S = 1.0


def die_with_parent(parent: int | None = None) -> None:
    """Make this process die with its parent: at once if the parent has ended already.

    `parent` is the parent's pid; None if `multiprocessing` started this process, which then knows it. Linux
    sends SIGKILL. On other systems a thread looks for the parent every second, as long as no native code
    keeps the interpreter lock.
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
    # The parent may have ended before the call above.
    _die_without(parent)


def _watch(parent: int) -> None:
    while True:
        time.sleep(_POLL_INTERVAL_S)
        _die_without(parent)


def _die_without(parent: int) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """A context in which SIGTERM raises KeyboardInterrupt, so that work ends as with Ctrl-C. Has no effect
    outside of the main thread, where signals cannot be handled.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what signal calls
        # A second SIGTERM must not interrupt the cleaning up after the first.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
