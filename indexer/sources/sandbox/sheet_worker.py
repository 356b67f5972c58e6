"""The process that reads one spreadsheet: it answers a line of JSON with the rows, a line of JSON each.

`sandbox.sheets` starts it as `python -m indexer.sources.sandbox.sheet_worker`. An answer is a list; its first
value says what it is.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

from indexer.processes import die_with_parent
from indexer.sources.extraction.columns import ColumnRules
from indexer.sources.formats.detection import detect_format
from indexer.sources.formats.rows import NoHeaderError
from indexer.sources.formats.xlsx import read_xlsx
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
        self._reported_s = time.monotonic()
        limit_cpu(cpu_limit_s)

    def send(self, *answer: object) -> None:
        self._stream.write(json.dumps(answer, ensure_ascii=False) + "\n")

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
    """Answer one request. The arguments are those of `sandbox.worker`."""
    memory_limit_bytes, cpu_limit_s, parent_pid = map(int, sys.argv[1:])
    die_with_parent(parent_pid)
    limit_process(memory_limit_bytes)
    warnings.simplefilter("ignore")
    answers = _Answers(cpu_limit_s)
    request = json.loads(sys.stdin.readline())
    try:
        _answer(Path(request["path"]), ColumnRules(request["named"]), answers)
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
    answers.flush()


def _answer(path: Path, rules: ColumnRules, answers: _Answers) -> None:
    file_format = detect_format(path)
    if file_format != "xlsx":
        answers.send("format", file_format)
        return
    names: tuple[str, ...] | None = None
    for item in read_xlsx(path, rules.is_header, answers.report):
        if isinstance(item, ContentError):
            answers.send("bad row", item.line, item.message, item.hint)
            continue
        if names is None:
            names = item.names
            answers.send("names", names)
        answers.send("row", item.number, item.values)
    answers.send("end")


if __name__ == "__main__":
    main()
