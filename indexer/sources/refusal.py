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
