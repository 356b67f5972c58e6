"""The process that reads exports: it answers a line of JSON with the rows of a file, a line of JSON each.

`sandbox.rows` starts it as `python -m indexer.sources.sandbox.row_worker`. An answer is a list; its first
value says what it is, and "end" or an error is the last for a file.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from indexer.processes import die_with_parent
from indexer.sources.extraction.columns import ColumnRules
from indexer.sources.formats.detection import detect_format
from indexer.sources.formats.rows import NoHeaderError, RowOrError, text_of_number
from indexer.sources.problems import ContentError
from indexer.sources.sandbox.limits import limit_cpu, limit_process, take_output

_LONGEST_CRASH_CHARS = 200
# Much less than the time that the parent waits for the next answer.
_REPORT_INTERVAL_S = 0.5


class _Answers:
    """The answers, and the limit of processor time, which counts from one report to the next."""

    def __init__(self, cpu_limit_s: int) -> None:
        self._stream = take_output()
        self._cpu_limit_s = cpu_limit_s
        self._reported_s = 0.0

    def start(self) -> None:
        """Another file is to be read."""
        self._reported_s = time.monotonic()
        limit_cpu(self._cpu_limit_s)

    def send(self, *answer: object) -> None:
        self._stream.write(json.dumps(answer, ensure_ascii=False, default=_plain) + "\n")

    def report(self, read_bytes: int) -> None:
        """Say how many bytes of the file are read, at times; whatever was sent before is on its way then."""
        now_s = time.monotonic()
        if now_s - self._reported_s >= _REPORT_INTERVAL_S:
            self._reported_s = now_s
            self.send("bytes", read_bytes)
            self.flush()
            limit_cpu(self._cpu_limit_s)

    def flush(self) -> None:
        self._stream.flush()


def main() -> None:
    """Answer until the input ends. The arguments are those of `sandbox.worker`."""
    memory_limit_bytes, cpu_limit_s, parent_pid = map(int, sys.argv[1:])
    die_with_parent(parent_pid)
    limit_process(memory_limit_bytes)
    warnings.simplefilter("ignore")
    answers = _Answers(cpu_limit_s)
    for line in sys.stdin:
        answers.start()
        _answer(json.loads(line), answers)
        answers.flush()


def _answer(request: dict[str, Any], answers: _Answers) -> None:
    path, rules = Path(request["path"]), ColumnRules(request["named"])
    try:
        if request["format"] == "xlsx" and (file_format := detect_format(path)) != "xlsx":
            answers.send("format", file_format)
        else:
            _send_rows(_rows(path, request["format"], rules, answers.report), answers)
            answers.send("end")
    except NoHeaderError as error:
        answers.send("no header", error.names)
    except ContentError as error:
        answers.send("error", error.message, error.hint)
    except MemoryError:
        answers.send("crash", "memory")
    except RecursionError:
        answers.send("crash", "depth")
    except Exception as error:
        answers.send("crash", f"{type(error).__name__}: {error}"[:_LONGEST_CRASH_CHARS])


def _rows(
    path: Path, file_format: str, rules: ColumnRules, on_progress: Callable[[int], None]
) -> Iterator[RowOrError]:
    # Each library is loaded only where it is needed: most workers read one format.
    if file_format == "xlsx":
        from indexer.sources.formats.xlsx import read_xlsx

        return read_xlsx(path, rules.is_header, on_progress)
    from indexer.sources.formats.json_rows import read_json

    return read_json(path, rules.is_header, rules.is_body, on_progress)


def _send_rows(rows: Iterator[RowOrError], answers: _Answers) -> None:
    names: tuple[str, ...] = ()
    for row in rows:
        if isinstance(row, ContentError):
            answers.send("bad row", row.line, row.message, row.hint)
            continue
        if row.names != names:
            names = row.names
            answers.send("names", names)
        try:
            answers.send("row", row.number, row.values)
        except RecursionError:
            answers.send("bad row", row.number, "값이 너무 깊이 겹쳐 있습니다.", "글과 숫자만 내보내세요.")


def _plain(value: object) -> str:
    return text_of_number(value) if isinstance(value, Decimal) else str(value)


if __name__ == "__main__":
    main()
