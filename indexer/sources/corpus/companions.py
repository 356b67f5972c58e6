"""Which files of a folder belong to a release: its side file and its attachments, told by their names.

`보도.hwpx` has the side file `보도.toml`. Attachments are the files of the folder `보도.첨부`, the files
whose names go on with 붙임, 별첨, 첨부 or 참고 (`보도_붙임1.pdf`), and those that the side file lists.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from indexer.errors import SourceError
from indexer.sources.corpus.sidecar import read_side_file
from indexer.sources.extraction.named_fields import field_of

SIDE_SUFFIX = ".toml"
ATTACHMENT_FOLDERS = (".첨부", ".attachments")

_ANNEX = re.compile(r"[\s_\-.·(\[]*(?:붙임|별첨|첨부|참고)(?:\s?\d{1,2})?(?:$|[\s_\-.·)\]].*)")


@dataclass(slots=True)
class Family:
    """The files of one folder: `release` of each attachment and side file."""

    side_files: dict[Path, Path] = field(default_factory=dict)
    attachments: dict[Path, list[Path]] = field(default_factory=dict)


def find_companions(paths: Iterable[Path], releases: set[Path]) -> Family:
    """The side files and attachments among `paths`; `releases` are those that may have some."""
    family = Family()
    everything = sorted(paths)
    stems = {(path.parent, _stem(path.name)): path for path in sorted(releases, reverse=True)}
    stems.update({(path.parent, _nfc(path.name)): path for path in releases})
    for path in everything:
        if path.suffix.lower() == SIDE_SUFFIX:
            owner = stems.get((path.parent, _stem(path.name)))
            if owner is not None:
                family.side_files[owner] = path
    taken: set[Path] = set()
    present = {(path.parent, _nfc(path.name)): path for path in everything}
    for owner, side in family.side_files.items():
        for name in _listed(side):
            named = present.get((owner.parent, _nfc(name)))
            if named is not None and named not in (owner, side) and named not in taken:
                family.attachments.setdefault(owner, []).append(named)
                taken.add(named)
    for path in everything:
        if path in taken or path.suffix.lower() == SIDE_SUFFIX:
            continue
        owner = _owner(path, stems)
        if owner is not None and owner != path and owner not in taken:
            family.attachments.setdefault(owner, []).append(path)
            taken.add(path)
    return family


def _owner(path: Path, stems: dict[tuple[Path, str], Path]) -> Path | None:
    folder = path.parent
    for ending in ATTACHMENT_FOLDERS:
        if _nfc(folder.name).endswith(ending):
            return stems.get((folder.parent, _nfc(folder.name).removesuffix(ending)))
    stem = _stem(path.name)
    for cut in range(len(stem) - 2, 0, -1):
        owner = stems.get((path.parent, stem[:cut]))
        if owner is not None and _ANNEX.fullmatch(stem[cut:]):
            return owner
    return None


def _listed(side: Path) -> list[str]:
    try:
        values = read_side_file(side)
    except (SourceError, OSError):
        # Reading the release says what is wrong with its side file.
        return []
    names = [value for name, value in values.items() if field_of(name) == "attachments"]
    listed = [name for value in names for name in (value if isinstance(value, list) else [value])]
    # Reading says what is wrong with a name that is none.
    return [name for name in listed if isinstance(name, str)]


def _stem(name: str) -> str:
    return _nfc(Path(name).stem)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
