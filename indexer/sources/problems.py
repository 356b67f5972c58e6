"""What a reader says of a file, or a record of one, that it cannot take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file or record that was not indexed, or (`warning`) was indexed with a doubt.

    `line` counts from 1 and is None where the whole file is meant. `reason` says what is wrong and
    `hint` the way out, both in Korean.
    """

    source_path: str
    reason: str
    hint: str = ""
    line: int | None = None
    warning: bool = False

    def __str__(self) -> str:
        place = self.source_path if self.line is None else f"{self.source_path}:{self.line}"
        return f"{place}: {self.reason}" + (f" — {self.hint}" if self.hint else "")


# What a reader does not raise on purpose. Whatever a file makes of it costs that file alone.
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def unforeseen(source_path: str, error: Exception, line: int | None = None) -> Refusal:
    """The refusal for an error that no reader expected."""
    reason = f"읽다가 뜻하지 않은 오류가 났습니다({type(error).__name__}: {error})."
    return Refusal(source_path, reason[:300], "값을 확인하거나 다시 저장해 넣으세요.", line)
