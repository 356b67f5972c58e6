"""What people have written into the sidecar of a fetched release, kept when the release is corrected."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from indexer.pulling.sidecar_text import quoted
from indexer.sources.corpus.sidecar import read_sidecar
from indexer.sources.extraction.named_fields import field_of


def digest_of(path: Path) -> str:
    """A short digest of a file; '' where there is none. Raises OSError."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except FileNotFoundError:
        return ""


def keep_hand_edits(staged: Path, stored: Path, written: str) -> None:
    """Add to the sidecar `staged` what the one in the corpus, `stored`, has besides, an embargo above all.

    `written` is the digest of `stored` as a pull left it, '' where that is not known: what nobody has edited
    holds nothing to keep. Raises ContentError where `stored` is not TOML: an embargo may stand in it.
    """
    if not stored.exists() or digest_of(stored) == written:
        return
    values = read_sidecar(stored)
    if not staged.exists():
        shutil.copyfile(stored, staged)
        return
    taken = {_place(name) for name in read_sidecar(staged)}
    lines = [
        f"{quoted(name)} = {_toml(value)}\n" for name, value in values.items() if _place(name) not in taken
    ]
    with staged.open("a", encoding="utf-8") as sidecar:
        sidecar.writelines(lines)


def _place(name: str) -> str:
    """What a name of a sidecar is for: 제목 and title are one."""
    return field_of(name) or name


def _toml(value: object) -> str:
    """A value of TOML as TOML."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        pairs = (f"{quoted(str(name))} = {_toml(one)}" for name, one in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    # Numbers; those of TOML are written as Python's, inf and nan too. Times in tables become texts.
    return str(value) if isinstance(value, int | float) else quoted(str(value))
