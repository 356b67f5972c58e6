"""What the index may not have been told of yet: a small file in the folder of a source, new with a change.

It outlives the process that wrote it, so that what a killed pull left in the corpus comes into the index with
the next one, and a pull without news does not look at the whole folder.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from indexer.files import changing_at_once, write_durably

_FILE = ".bodo-unindexed"


def mark_unindexed(folder: Path) -> None:
    """Note, before a change of the folder, that the index has to look at it. Raises OSError."""
    write_durably(folder / _FILE, f"{os.getpid()} {time.time_ns()}\n".encode())


def unindexed_mark(folder: Path) -> str:
    """The mark of the last change that no index was told of; '' where there is none."""
    try:
        return (folder / _FILE).read_text("ascii", "replace") or "?"
    except OSError:
        return ""


def note_indexed(folder: Path, mark: str) -> None:
    """The index has looked at the folder since it had this mark. Where another process pulls, the next run
    looks again.
    """
    with suppress(OSError), changing_at_once(folder):
        if unindexed_mark(folder) == mark:
            (folder / _FILE).unlink(missing_ok=True)
