"""What may be written to a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` without control and direction characters, which could command it or deceive."""
    return "".join(char if char.isprintable() else " " for char in text)
