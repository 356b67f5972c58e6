"""Queries as people enter them."""

from __future__ import annotations


def quoted(text: str) -> str:
    """A passage as it is pasted between quotation marks: a box of one line makes spaces of line feeds."""
    return '"' + " ".join(text.replace('"', " ").split()) + '"'
