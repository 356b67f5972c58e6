r"""Releases that are not to be found although their files are in the corpus: `removed.txt`, an id a line.

    # 정정 요청으로 내림
    gov-1234
    "#7\n"

An id that cannot stand in a line as it is stands in quotation marks, as a string of JSON. Every line is some
id, so that none is a problem.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from indexer.curation.lines import LineProblem, read_lines


class Removals:
    """The removed `ids`. `text` is where they were read from."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.problems: list[LineProblem] = []
        # An id may hold a #, so that a comment has a line of its own.
        self.ids = frozenset(_read_id(line) for _, line in read_lines(text, comments_end_lines=False))

    def text_with(self, ids: Iterable[str]) -> str:
        """The text with more ids at its end; those that it has stay where they are."""
        added = [release_id for release_id in dict.fromkeys(ids) if release_id not in self.ids]
        before = self.text if not self.text or self.text.endswith("\n") else self.text + "\n"
        return before + "".join(f"{_write_id(release_id)}\n" for release_id in added)


def _read_id(line: str) -> str:
    if line.startswith('"'):
        try:
            value = json.loads(line)
        except ValueError:
            return line
        return value if isinstance(value, str) else line
    return line


def _write_id(release_id: str) -> str:
    # What an editor may take for the end of a line, or show as nothing, is written as an escape.
    plain = release_id.isprintable() and release_id == release_id.strip()
    return release_id if plain and release_id[:1] not in ("", "#", '"') else json.dumps(release_id)
