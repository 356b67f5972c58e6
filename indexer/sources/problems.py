"""What a reader says of a file, or a record of one, that it cannot take."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import BodoError


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


def to_records(refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    """The refusals as JSON values."""
    return [
        {
            "path": refusal.source_path,
            "line": refusal.line,
            "reason": refusal.reason,
            "hint": refusal.hint,
            "warning": refusal.warning,
        }
        for refusal in refusals
    ]


def write_report(refusals: Sequence[Refusal], path: Path) -> None:
    """Write who was refused and why: JSON where the name ends in .json, else text, a refusal a line.

    Raises BodoError where the file cannot be written.
    """
    if path.suffix.lower() == ".json":
        text = json.dumps({"refused": to_records(refusals)}, ensure_ascii=False, indent=1) + "\n"
    else:
        refused = sum(not refusal.warning for refusal in refusals)
        head = f"거절 {refused:,}건, 알림 {len(refusals) - refused:,}건"
        kinds = [("알림" if refusal.warning else "거절", refusal) for refusal in refusals]
        text = "\n".join([head, *(f"{kind} {refusal}" for kind, refusal in kinds)]) + "\n"
    try:
        path.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        message = f"보고서를 쓸 수 없습니다: {path} ({error.strerror})"
        raise BodoError(message, "쓸 수 있는 폴더를 --report에 주세요.") from error


# What a reader does not raise on purpose. Whatever a file makes of it costs that file alone.
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def unforeseen(source_path: str, error: Exception, line: int | None = None) -> Refusal:
    """The refusal for an error that no reader expected."""
    reason = f"읽다가 뜻하지 않은 오류가 났습니다({type(error).__name__}: {error})."
    return Refusal(source_path, reason[:300], "값을 확인하거나 다시 저장해 넣으세요.", line)
