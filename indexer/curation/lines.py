"""Lines of the texts that people edit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line, counted from 1, that was skipped, and why, in Korean."""

    line: int
    reason: str
