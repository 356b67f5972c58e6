"""Reads files in a worker process with limits of time and memory: a bad file costs itself only."""

from __future__ import annotations

import atexit
import json
import math
import os
import selectors
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import indexer
from indexer.release import Section
from indexer.sources.content_error import ContentError
from indexer.sources.parsing import Reading

TIME_LIMIT_S = 60.0
MEMORY_LIMIT_BYTES = 1_500_000_000
# A text of 20 MB (`document_reading`) in another encoding, and what JSON puts around its lines.
MAX_ANSWER_BYTES = 40_000_000

# Memory that libraries keep must not be charged to a later file for ever.
_FILES_PER_WORKER = 2_000
# A worker that nobody waits for ends a little later than one that somebody does.
_CPU_SLACK_S = 5
_SAVE_ANEW = "원본을 확인하고 다시 저장하거나 PDF·HWPX로 바꾸어 넣으세요."


class _Died(Exception):
    """The worker ended before it answered; `reason` is for a person to read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Late(_Died):
    """The worker was ended because it took too long, or said too much."""


class Reader:
    """Asks one worker at a time; starts the next when one has ended. Safe to use from several threads."""

    def __init__(
        self, time_limit_s: float = TIME_LIMIT_S, memory_limit_bytes: int = MEMORY_LIMIT_BYTES
    ) -> None:
        self._time_limit_s = time_limit_s
        self._memory_limit_bytes = memory_limit_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self._asked = 0
        self._lock = threading.Lock()

    def read_release(self, path: Path, source_path: str) -> Reading:
        """What the file holds. Raises ContentError where it cannot be read, whatever became of the worker,
        and OSError where the file cannot be opened.
        """
        answer = self._ask({"path": os.fspath(path), "source_path": source_path})
        return Reading.from_dict(answer["reading"])

    def read_sections(self, path: Path, name: str) -> tuple[Section, ...]:
        """The text of an attachment. Raises as `read_release` does."""
        answer = self._ask({"path": os.fspath(path), "attachment": name})
        return tuple(Section.from_dict(section) for section in answer["sections"])

    def close(self) -> None:
        """End the worker, if there is one."""
        process, self._process = self._process, None
        # A process forked from this one has the same pipes, but the worker is not its own.
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                # What a dead worker was not told is still to be written: it is for nobody now.
                with suppress(OSError):
                    stream.close()

    def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        with self._lock:
            fresh = self._process is None
            try:
                answer = self._exchange(request)
            except _Died as death:
                if fresh or isinstance(death, _Late):
                    raise ContentError(death.reason, _SAVE_ANEW) from death
                # The files before may have used the worker up: this one gets a worker of its own.
                try:
                    answer = self._exchange(request)
                except _Died as again:
                    raise ContentError(again.reason, _SAVE_ANEW) from again
        if "content_error" in answer:
            message, hint, line = answer["content_error"]
            raise ContentError(message, hint, line)
        if "os_error" in answer:
            raise OSError(0, answer["os_error"])
        if "crash" in answer:
            raise ContentError(_reason_of(answer["crash"], self._memory_limit_bytes), _SAVE_ANEW)
        return answer

    def _exchange(self, request: dict[str, str]) -> dict[str, Any]:
        process = self._worker()
        try:
            _pipe(process.stdin).write(json.dumps(request).encode() + b"\n")
            _pipe(process.stdin).flush()
            answer: dict[str, Any] = json.loads(self._answer_of(process))
        except (OSError, ValueError) as error:
            self.close()
            raise _Died("파일을 읽던 프로세스가 멈추었습니다.") from error
        except _Died:
            self.close()
            raise
        if answer.get("crash") == "memory":
            self.close()
        return answer

    def _answer_of(self, process: subprocess.Popen[bytes]) -> bytes:
        stdout = _pipe(process.stdout)
        deadline = time.monotonic() + self._time_limit_s
        parts: list[bytes] = []
        size = 0
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise _Late(f"읽는 데 {self._time_limit_s:g}초가 넘게 걸려 그만두었습니다.")
                part = os.read(stdout.fileno(), 1 << 16)
                if not part:
                    raise _Died("파일을 읽던 프로세스가 죽었습니다(깨졌거나 메모리 제한을 넘는 파일입니다).")
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER_BYTES:
                    raise _Late(f"글이 너무 많습니다({MAX_ANSWER_BYTES // 1_000_000} MB 초과).")
                if part.endswith(b"\n"):
                    return b"".join(parts)

    def _worker(self) -> subprocess.Popen[bytes]:
        if self._process is not None and (
            self._owner != os.getpid() or self._process.poll() is not None or self._asked >= _FILES_PER_WORKER
        ):
            self.close()
        if self._process is None:
            package = Path(indexer.__file__).resolve().parents[1]
            paths = [os.fspath(package), os.environ.get("PYTHONPATH", "")]
            self._asked = 0
            self._owner = os.getpid()
            limits = (self._memory_limit_bytes, math.ceil(self._time_limit_s) + _CPU_SLACK_S)
            command = [sys.executable, "-P", "-m", "indexer.sources.sandbox.worker"]
            command += [str(number) for number in (*limits, os.getpid())]
            # -P: a folder named indexer in the current directory is not this package.
            self._process = subprocess.Popen(  # noqa: S603 - as at the import
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # A thread pool reserves address space for every core, and the limit counts it.
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                    "MALLOC_ARENA_MAX": "2",
                },
            )
        self._asked += 1
        return self._process


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise OSError("the worker was started without pipes")
    return stream


def _reason_of(crash: str, memory_limit_bytes: int) -> str:
    if crash == "memory":
        return f"읽는 데 메모리가 {memory_limit_bytes // 1_000_000} MB 넘게 듭니다(압축 폭탄일 수 있습니다)."
    if crash == "depth":
        return "내용이 너무 깊이 겹쳐 있어 읽을 수 없습니다."
    return f"파일이 깨져 있어 읽을 수 없습니다({crash})."


SHARED = Reader()
atexit.register(SHARED.close)
