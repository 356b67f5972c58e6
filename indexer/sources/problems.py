"""Why a file, or a record of it, could not be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from indexer.errors import BodoError, SourceError

Severity = Literal["error", "warning"]

# Errors that a parser raises without meaning to. They cost the file or record that caused them, no other.
UNEXPECTED_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

# The message of a library may quote the whole file.
_LONGEST_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """An "error" kept a file or record out of the index; with a "warning" it was indexed all the same.

    `line` counts from 1 and is None where the whole file is meant. `reason` says what is wrong and `hint`
    what to do about it, both in Korean.
    """

    source_path: str
    reason: str
    hint: str = ""
    line: int | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        location = self.source_path if self.line is None else f"{self.source_path}:{self.line}"
        return f"{location}: {self.reason}" + (f" — {self.hint}" if self.hint else "")


class ContentError(SourceError):
    """The content of a file is not a press release. `line` counts from 1; None means the whole file."""

    def __init__(self, message: str, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint)
        self.line = line

    def problem(self, source_path: str) -> ReadProblem:
        """The error as the problem of the file `source_path`."""
        return ReadProblem(source_path, self.message, self.hint, self.line)


def unexpected_problem(source_path: str, error: Exception, line: int | None = None) -> ReadProblem:
    """The problem for one of `UNEXPECTED_ERRORS`."""
    reason = f"읽다가 뜻하지 않은 오류가 났습니다({type(error).__name__}: {error})."
    return ReadProblem(
        source_path, reason[:_LONGEST_REASON_CHARS], "값을 확인하거나 다시 저장해 넣으세요.", line
    )


def unreadable_problem(source_path: str, error: OSError) -> ReadProblem:
    """The problem of a file or folder that the system does not let us read."""
    return ReadProblem(
        source_path, f"읽을 수 없습니다({error.strerror or error}).", "읽기 권한을 확인하세요."
    )


def to_records(problems: Iterable[ReadProblem]) -> list[dict[str, Any]]:
    """The problems as JSON values."""
    return [
        {
            "path": problem.source_path,
            "line": problem.line,
            "reason": problem.reason,
            "hint": problem.hint,
            "warning": problem.severity == "warning",
        }
        for problem in problems
    ]


def write_report(problems: Sequence[ReadProblem], path: Path) -> None:
    """Write the problems to a file: JSON where its name ends in .json, else text with one problem a line.

    Raises BodoError where the file cannot be written.
    """
    if path.suffix.lower() == ".json":
        text = json.dumps({"refused": to_records(problems)}, ensure_ascii=False, indent=1) + "\n"
    else:
        labels = {"error": "거절", "warning": "알림"}
        errors = sum(problem.severity == "error" for problem in problems)
        head = f"거절 {errors:,}건, 알림 {len(problems) - errors:,}건"
        text = "\n".join([head, *(f"{labels[problem.severity]} {problem}" for problem in problems)]) + "\n"
    try:
        path.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        message = f"보고서를 쓸 수 없습니다: {path} ({error.strerror})"
        raise BodoError(message, "쓸 수 있는 폴더를 --report에 주세요.") from error
