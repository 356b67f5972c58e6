r"""Releases that are not to be found although their files are in the corpus: `removed.txt`, an id a line.

# 정정 요청으로 내림
gov-1234
"#7\n"

An id that a line cannot hold as it is stands in quotation marks, as a string of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable


def read_removed(text: str) -> frozenset[str]:
    """The ids in the text; what follows a # at the beginning of a line is a remark."""
    lines = (line.strip() for line in text.split("\n"))
    return frozenset(_read_id(line) for line in lines if line and not line.startswith("#"))


def add_removed(text: str, ids: Iterable[str]) -> str:
    """The text with more ids at its end; those that it has stay where they are."""
    known = read_removed(text)
    new = [release_id for release_id in dict.fromkeys(ids) if release_id not in known]
    before = text if not text or text.endswith("\n") else text + "\n"
    return before + "".join(f"{_write_id(release_id)}\n" for release_id in new)


def _read_id(line: str) -> str:
    if line.startswith('"'):
        try:
            value = json.loads(line)
        except ValueError:
            return line
        return value if isinstance(value, str) else line
    return line


def _write_id(release_id: str) -> str:
    # What a person's editor may break a line at, or show as nothing, is written out.
    plain = release_id.isprintable() and release_id == release_id.strip()
    return release_id if plain and release_id[:1] not in ("", "#", '"') else json.dumps(release_id)
