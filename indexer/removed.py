"""Releases that are not to be found although their files are in the corpus: `removed.txt`, an id a line.

# 정정 요청으로 내림
gov-1234
"""

from __future__ import annotations

from collections.abc import Iterable


def read_removed(text: str) -> frozenset[str]:
    """The ids in the text; what follows a # at the beginning of a line is a remark."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def add_removed(text: str, ids: Iterable[str]) -> str:
    """The text with more ids at its end; those that it has stay where they are."""
    known = read_removed(text)
    new = [release_id for release_id in dict.fromkeys(ids) if release_id not in known]
    before = text if not text or text.endswith("\n") else text + "\n"
    return before + "".join(f"{release_id}\n" for release_id in new)
