"""Parses files in a worker process with limits of time and memory, so that a bad file harms no other."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import indexer
from indexer.release import Section
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import ContentError

# The worker may finish a file a little later than its parent gives it up.
_CPU_SLACK_S = 5
_READ_BYTES = 1 << 16
SAVE_ANEW = "원본을 확인하고 다시 저장하거나 PDF·HWPX로 바꾸어 넣으세요."


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker process may use.

    `time_s` is wall time for one file, `memory_bytes` the address space of the process. `answer_bytes`
    leaves room for a text of 20 MB (`parsing.MAX_TEXT_FILE_BYTES`) that grows when it becomes UTF-8 and JSON.
    After `files` files a new worker starts: libraries keep memory that a later file would be charged for.
    """

    time_s: float = 60.0
    memory_bytes: int = 1_500_000_000
    answer_bytes: int = 40_000_000
    files: int = 2_000


class _WorkerDied(Exception):
    """The worker ended before it answered; `reason` is for a person to read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _LimitExceeded(_WorkerDied):
    """The worker was ended because it took too long, or answered too much."""


class SandboxedParser:
    """Asks one worker at a time and starts another when it has ended. Safe to use from several threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._parent_pid = os.getpid()
        self._files_of_worker = 0
        self._lock = threading.Lock()

    @property
    def worker_pid(self) -> int | None:
        """The process that parses; None where none has been started."""
        return self._process.pid if self._process is not None else None

    def parse_file(self, path: Path, source_path: str, charset: str = "") -> ParsedFile:
        """What the file holds (see `parsing.parse_file`).

        Raises ContentError where it cannot be parsed, whatever happened to the worker, and OSError where it
        cannot be opened.
        """
        answer = self._ask({"path": os.fspath(path), "source_path": source_path, "charset": charset})
        return ParsedFile.from_dict(answer["parsed"])

    def parse_attachment(self, path: Path, name: str) -> tuple[Section, ...]:
        """The text of an attachment (see `parsing.parse_attachment`). Raises as `parse_file` does."""
        answer = self._ask({"path": os.fspath(path), "attachment": name})
        return tuple(Section.from_dict(section) for section in answer["sections"])

    def close(self) -> None:
        """End the worker, if there is one."""
        process, self._process = self._process, None
        # A process forked from this one has the same pipes, but the worker is not its child.
        if process is None or self._parent_pid != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                # Closing writes what is still buffered, into the pipe of a dead process.
                with suppress(OSError):
                    stream.close()

    def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        with self._lock:
            fresh = self._process is None
            try:
                answer = self._exchange(request)
            except _WorkerDied as death:
                if fresh or isinstance(death, _LimitExceeded):
                    raise ContentError(death.reason, SAVE_ANEW) from death
                # Earlier files may have used the worker up: this one gets a new worker.
                try:
                    answer = self._exchange(request)
                except _WorkerDied as again:
                    raise ContentError(again.reason, SAVE_ANEW) from again
        if "content_error" in answer:
            message, hint, line = answer["content_error"]
            raise ContentError(message, hint, line)
        if "os_error" in answer:
            raise OSError(0, answer["os_error"])
        if "crash" in answer:
            raise ContentError(crash_reason(answer["crash"], self._limits.memory_bytes), SAVE_ANEW)
        return answer

    def _exchange(self, request: dict[str, str]) -> dict[str, Any]:
        process = self._worker()
        try:
            _pipe(process.stdin).write(json.dumps(request).encode() + b"\n")
            _pipe(process.stdin).flush()
            answer: dict[str, Any] = json.loads(self._read_answer(process))
        except (OSError, ValueError) as error:
            self.close()
            raise _WorkerDied("파일을 읽던 프로세스가 멈추었습니다.") from error
        except _WorkerDied:
            self.close()
            raise
        if answer.get("crash") == "memory":
            self.close()
        return answer

    def _read_answer(self, process: subprocess.Popen[bytes]) -> bytes:
        stdout = _pipe(process.stdout)
        deadline = time.monotonic() + self._limits.time_s
        parts: list[bytes] = []
        size_bytes = 0
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while True:
                left_s = deadline - time.monotonic()
                if left_s <= 0 or not selector.select(left_s):
                    raise _LimitExceeded(f"읽는 데 {self._limits.time_s:g}초가 넘게 걸려 그만두었습니다.")
                part = os.read(stdout.fileno(), _READ_BYTES)
                if not part:
                    raise _WorkerDied(
                        "파일을 읽던 프로세스가 죽었습니다(깨졌거나 메모리 제한을 넘는 파일입니다)."
                    )
                parts.append(part)
                size_bytes += len(part)
                if size_bytes > self._limits.answer_bytes:
                    megabytes = self._limits.answer_bytes // 1_000_000
                    raise _LimitExceeded(f"글이 너무 많습니다({megabytes} MB 초과).")
                if part.endswith(b"\n"):
                    return b"".join(parts)

    def _worker(self) -> subprocess.Popen[bytes]:
        """The running worker if it can take one more file, else a new one."""
        if self._process is not None and (
            self._parent_pid != os.getpid()
            or self._process.poll() is not None
            or self._files_of_worker >= self._limits.files
        ):
            self.close()
        if self._process is None:
            self._process = start_worker("indexer.sources.sandbox.worker", self._limits)
            self._files_of_worker = 0
            self._parent_pid = os.getpid()
        self._files_of_worker += 1
        return self._process


def start_worker(module: str, limits: Limits) -> subprocess.Popen[bytes]:
    """A process that runs a module of this package with limits, which gets them as its arguments.

    These are the limit of memory in bytes, that of processor time in seconds, and the pid of the parent.
    """
    package = Path(indexer.__file__).resolve().parents[1]
    paths = [os.fspath(package), os.environ.get("PYTHONPATH", "")]
    cpu_limit_s = math.ceil(limits.time_s) + _CPU_SLACK_S
    # -P: a folder named indexer in the current directory is not this package.
    command = [sys.executable, "-P", "-m", module]
    command += map(str, (limits.memory_bytes, cpu_limit_s, os.getpid()))
    return subprocess.Popen(  # noqa: S603 - this interpreter, with numbers as arguments
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


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise OSError("the worker was started without pipes")
    return stream


def crash_reason(crash: str, memory_limit_bytes: int) -> str:
    """Why a worker could not read a file, of what it answered ("memory", "depth" or an error)."""
    if crash == "memory":
        return f"읽는 데 메모리가 {memory_limit_bytes // 1_000_000} MB 넘게 듭니다(압축 폭탄일 수 있습니다)."
    if crash == "depth":
        return "내용이 너무 깊이 겹쳐 있어 읽을 수 없습니다."
    return f"파일이 깨져 있어 읽을 수 없습니다({crash})."


SHARED_PARSER = SandboxedParser()
atexit.register(SHARED_PARSER.close)
