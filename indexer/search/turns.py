"""Turns: who comes first is first, and nobody waits for ever. Locks of Python promise neither."""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """One thread at a time has the turn; the others wait in a row."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._row: deque[threading.Event] = deque()

    def take(self, patience_s: float) -> bool:
        """Wait for the turn, at most `patience_s` seconds. Whether this thread has it now."""
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            called = threading.Event()
            self._row.append(called)
        if called.wait(min(patience_s, threading.TIMEOUT_MAX)):
            return True
        with self._lock:
            if called.is_set():
                return True
            self._row.remove(called)
            return False

    def give_up(self) -> None:
        """End this thread's turn: the next in the row has it."""
        with self._lock:
            if self._row:
                self._row.popleft().set()
            else:
                self._is_taken = False
