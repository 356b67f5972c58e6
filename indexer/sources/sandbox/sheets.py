"""Reads spreadsheets in a worker process of their own, row by row.

The worker writes the rows into a pipe and waits while nobody reads it: nothing is held, here or there,
whatever their number, and nothing is written to the disk but the shared strings. The limit of time is for the
next answer, not for all of them.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from indexer.sources.formats.rows import NoHeaderError, Row, RowOrError
from indexer.sources.problems import ContentError
from indexer.sources.sandbox.parser import SAVE_ANEW, Limits, crash_reason, start_worker

_READ_BYTES = 1 << 20
_decoder = msgspec.json.Decoder(list[Any])


class NotASpreadsheetError(Exception):
    """The file is a document under the name of a spreadsheet."""


def sheet_rows(
    path: Path,
    named: Mapping[str, Sequence[str]],
    on_progress: Callable[[int], None] = lambda _: None,
    limits: Limits | None = None,
) -> Iterator[RowOrError]:
    """The rows of an XLSX (see `xlsx.read_xlsx`); `named` is as in `columns.ColumnRules`.

    `on_progress` gets the bytes read so far. Raises NotASpreadsheetError, NoHeaderError, and ContentError
    where the file is broken, a bomb, or takes too much time or memory.
    """
    limits = limits or Limits()
    process = start_worker("indexer.sources.sandbox.sheet_worker", limits)
    try:
        yield from _rows(_answers(process, path, named, limits), on_progress, limits)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
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
    process: subprocess.Popen[bytes], path: Path, named: Mapping[str, Sequence[str]], limits: Limits
) -> Iterator[list[Any]]:
    assert process.stdin is not None
    assert process.stdout is not None
    request = {"path": os.fspath(path), "named": {name: list(names) for name, names in named.items()}}
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
