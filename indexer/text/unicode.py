"""Unicode normal form C (Unicode Standard Annex #15): a Hangul syllable is one character, not its letters."""

from __future__ import annotations

import unicodedata


def nfc(text: str) -> str:
    """`text` with its characters composed."""
    return unicodedata.normalize("NFC", text)
