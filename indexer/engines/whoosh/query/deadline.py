"""The time that a search has."""

from __future__ import annotations

from indexer.engine import Stop, never


class Deadline:
    """Asks whether to stop, and not again once the answer was yes. `passed` tells whether it was."""

    def __init__(self, stop: Stop = never) -> None:
        self._stop = stop
        self.passed = False

    def __call__(self) -> bool:
        """Whether to stop."""
        self.passed = self.passed or self._stop()
        return self.passed
