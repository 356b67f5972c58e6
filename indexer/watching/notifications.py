"""What the system tells of a folder as it changes (watchfiles: inotify, FSEvents)."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

from watchfiles import Change, watch

from indexer.errors import BodoError

# Events that come together are told together: after 50 ms without one, at the latest after 200 ms. Choices,
# small beside the two seconds in which a file is to be found.
_STEP_MS = 50
TURN_S = 0.2
_LIMITS = ("limit reached", "too many open files", "no space left")


class Notifications:
    """The events of a folder and all folders below it, also of those that links lead to when it starts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._events: Generator[set[tuple[Change, str]], None, None] | None = None

    @property
    def running(self) -> bool:
        """Whether the system tells events."""
        return self._events is not None

    def start(self) -> None:
        """Begin anew. Raises BodoError where the system cannot watch the folder."""
        self.stop()
        turn_ms = int(TURN_S * 1000)
        events = watch(
            self._folder,
            watch_filter=None,
            debounce=turn_ms,
            step=_STEP_MS,
            rust_timeout=turn_ms,
            yield_on_timeout=True,
            # A network file system is looked at by `watch_poll_s`, which costs less.
            force_polling=False,
            ignore_permission_denied=True,
        )
        try:
            next(events)
        # The library raises OSError and an error of its own, a RuntimeError.
        except (OSError, RuntimeError) as error:
            raise _unwatchable(self._folder, error) from error
        self._events = events

    def stop(self) -> None:
        """End it."""
        if self._events is not None:
            self._events.close()
            self._events = None

    def wait(self) -> set[tuple[Change, str]]:
        """The events since the last call, or none after TURN_S seconds; each has its path."""
        if self._events is None:
            time.sleep(TURN_S)
            return set()
        try:
            return next(self._events)
        except (OSError, RuntimeError, StopIteration):
            # The next survey finds what it would have told, and starts it again.
            self._events = None
            return set()


def _unwatchable(folder: Path, error: Exception) -> BodoError:
    if any(words in str(error).lower() for words in _LIMITS):
        return BodoError(
            f"{folder}에서 바뀌는 것을 시스템이 더 알려 주지 못합니다(inotify 한도: {error}). "
            "알림 없이 모두 훑어 찾습니다.",
            "한도를 올리세요: sudo sysctl "
            "fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024",
        )
    return BodoError(
        f"{folder}에서 바뀌는 것을 시스템이 알려 주지 못합니다({error}). 알림 없이 모두 훑어 찾습니다.",
        "네트워크 폴더라면 --watch-poll-s 5처럼 훑을 간격을 정하세요.",
    )
