"""Reads the texts that people edit, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from indexer.errors import AnalysisError

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line, counted from 1, that was skipped, and why, in Korean."""

    line: int
    reason: str


def read_lines(text: str, *, comments_end_lines: bool = True) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers from 1: without comments and the spaces around them. A
    comment begins with #; without `comments_end_lines` only at the beginning of a line.
    """
    for number, line in enumerate(text.removeprefix(_BYTE_ORDER_MARK).split("\n"), 1):
        is_comment = comments_end_lines or line.lstrip().startswith("#")
        content = (line.partition("#")[0] if is_comment else line).strip()
        if content:
            yield number, content


def parse_lines(text: str, parse: Callable[[str], None]) -> list[LineProblem]:
    """Call `parse` with each line that says something. Returns the lines for which it raised AnalysisError or
    ValueError; the message of the error is the reason.
    """
    problems = []
    for number, content in read_lines(text):
        try:
            parse(content)
        except (AnalysisError, ValueError) as error:
            problems.append(LineProblem(number, str(error)))
    return problems
