"""Why a file, or a record of it, could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from indexer.errors import SourceError

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
