"""Reads exports in a worker process, row by row.

The worker writes the rows into a pipe and waits while nobody reads it: nothing is held, here or there,
whatever their number, and nothing is written to the disk but the shared strings of a workbook. The limit of
time is for the next answer, not for all of them.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from indexer.sources.formats.rows import NoHeaderError, Row, RowOrError
from indexer.sources.problems import ContentError
from indexer.sources.sandbox.parser import SAVE_ANEW, Limits, crash_reason, start_worker

_READ_BYTES = 1 << 20
_decoder = msgspec.json.Decoder(list[Any])


class NotASpreadsheetError(Exception):
    """The file is a document under the name of a spreadsheet."""


class RowReader:
    """Keeps a worker that has answered for the next file. Safe to use from several threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._idle: subprocess.Popen[bytes] | None = None
        self._idle_files = 0
        self._parent_pid = os.getpid()
        self._lock = threading.Lock()

    def rows(
        self,
        path: Path,
        file_format: Literal["json", "xlsx"],
        named: Mapping[str, Sequence[str]],
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> Iterator[RowOrError]:
        """The rows of an export (see `xlsx.read_xlsx`, `json_rows.read_json`); `named` as in `ColumnRules`.

        `on_progress` gets the bytes read so far. Raises NotASpreadsheetError, NoHeaderError, and ContentError
        where the file is broken, a bomb, or takes too much time or memory.
        """
        process, files = self._take()
        request: dict[str, object] = {"path": os.fspath(path), "format": file_format, "named": named}
        is_done = False
        try:
            yield from _rows(_answers(process, request, self._limits), on_progress, self._limits)
            is_done = True
        except NoHeaderError:
            is_done = True
            raise
        finally:
            if not (is_done and self._give_back(process, files + 1)):
                _end(process)

    def close(self) -> None:
        """End the worker, if one waits."""
        with self._lock:
            process, self._idle = self._idle, None
        # A process forked from this one has the same pipes, but the worker is not its child.
        if process is not None and self._parent_pid == os.getpid():
            _end(process)

    def _take(self) -> tuple[subprocess.Popen[bytes], int]:
        """A worker, and how many files it has read."""
        with self._lock:
            process, self._idle = self._idle, None
            if process is not None and self._parent_pid == os.getpid() and process.poll() is None:
                return process, self._idle_files
        self._parent_pid = os.getpid()
        return start_worker("indexer.sources.sandbox.row_worker", self._limits), 0

    def _give_back(self, process: subprocess.Popen[bytes], files: int) -> bool:
        """Keep a worker for the next file; False where it has read enough, or another waits."""
        with self._lock:
            if self._idle is not None or files >= self._limits.files or self._parent_pid != os.getpid():
                return False
            self._idle, self._idle_files = process, files
            return True


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            # Closing writes what is still buffered, into the pipe of a dead process.
            with suppress(OSError):
                stream.close()


def _rows(
    answers: Iterator[list[Any]], on_progress: Callable[[int], None], limits: Limits
) -> Iterator[RowOrError]:
    names: tuple[str, ...] = ()
    for kind, *values in answers:
        match kind:
            case "row":
                yield Row(values[0], names, tuple(values[1]))
            case "bytes":
                on_progress(values[0])
            case "names":
                names = tuple(values[0])
            case "bad row":
                line, message, hint = values
                yield ContentError(message, hint, line)
            case "end":
                return
            case "format":
                raise NotASpreadsheetError
            case "no header":
                raise NoHeaderError(values[0])
            case "error":
                raise ContentError(values[0], values[1])
            case _:
                raise ContentError(crash_reason(values[0], limits.memory_bytes), SAVE_ANEW)
    reason = "파일을 읽던 프로세스가 죽었습니다(깨졌거나 메모리 제한을 넘는 파일입니다)."
    raise ContentError(reason, SAVE_ANEW)


def _answers(
    process: subprocess.Popen[bytes], request: dict[str, object], limits: Limits
) -> Iterator[list[Any]]:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError):
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    for line in _lines(process.stdout, limits):
        yield _decoder.decode(line)


def _lines(stream: IO[bytes], limits: Limits) -> Iterator[bytes]:
    """The lines of a pipe. Raises ContentError where the next takes too long, or is too long."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            parts = [rest]
            size_bytes = len(rest)
            deadline = time.monotonic() + limits.time_s
            while b"\n" not in parts[-1]:
                left_s = deadline - time.monotonic()
                if left_s <= 0 or not selector.select(left_s):
                    raise ContentError(f"읽는 데 {limits.time_s:g}초가 넘게 걸려 그만두었습니다.", SAVE_ANEW)
                part = os.read(stream.fileno(), _READ_BYTES)
                if not part:
                    return
                parts.append(part)
                size_bytes += len(part)
                if size_bytes > 2 * limits.answer_bytes:
                    raise ContentError("한 행이 너무 깁니다.", SAVE_ANEW)
            *lines, rest = b"".join(parts).split(b"\n")
            yield from lines


SHARED_ROW_READER = RowReader()
atexit.register(SHARED_ROW_READER.close)
