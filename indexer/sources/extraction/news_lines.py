"""The lines of a news page, and what its boilerplate states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indexer.sources.recognizers.boilerplate import (
    Kind,
    Piece,
    is_bare_label,
    normalize_line,
    parse_boilerplate,
)

_LONGEST_LABELLED_CHARS = 60
_SITE_NAME = re.compile(r"\s*[-<|│–:]\s.{1,40}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank.

    `index` counts these lines from 0, `text` is the line as written, `plain` as `normalize_line` gives it;
    `after_gap` is True where a blank line stands before it.
    """

    index: int
    text: str
    plain: str
    after_gap: bool


@dataclass(slots=True)
class PageFields:
    """What the boilerplate states: values by kind, in the order of the page."""

    values: dict[Kind, list[str]] = field(default_factory=dict)

    def add(self, pieces: list[Piece]) -> None:
        """Add the pieces that have a value."""
        for piece in pieces:
            if piece.value:
                self.values.setdefault(piece.kind, []).append(piece.value)

    def first(self, kind: Kind) -> str:
        """The first value; '' where there is none."""
        return self.values.get(kind, [""])[0]

    def all(self, kind: Kind) -> list[str]:
        """The different values, in order."""
        return list(dict.fromkeys(self.values.get(kind, [])))


def split_lines(text: str) -> list[Line]:
    """The lines of `text` that are not blank."""
    lines: list[Line] = []
    after_gap = False
    for line in text.splitlines():
        stripped = line.strip()
        if stripped:
            lines.append(Line(len(lines), stripped, normalize_line(line), after_gap))
        after_gap = not stripped
    return lines


def boilerplate_at(lines: list[Line], index: int) -> tuple[list[Piece] | None, int]:
    """What the boilerplate at `index` states, None where it is not boilerplate, and how many lines it takes.

    A label may stand on the line above its value.
    """
    plain = lines[index].plain
    if index + 1 < len(lines) and is_bare_label(plain):
        below = lines[index + 1].plain
        labelled = parse_boilerplate(f"{plain.rstrip(' :|')} | {below}")
        if labelled and len(below) <= _LONGEST_LABELLED_CHARS and not is_bare_label(below):
            return labelled, 2
    return parse_boilerplate(plain), 1


def shows_title(line: str, title: str) -> bool:
    """Whether a plain line is the title, bare or as browsers show it, with the name of the site behind it."""
    return line == title or (line.startswith(title) and _SITE_NAME.fullmatch(line, len(title)) is not None)
