"""Which files of a folder belong to a release, by their names: its sidecar and its attachments.

The sidecar of `보도.hwpx` is `보도.toml`. Its attachments are the files of the folder `보도.첨부`, the files
whose names go on with 붙임, 별첨, 첨부 or 참고 (`보도_붙임1.pdf`), and those that the sidecar lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from pathlib import Path

from indexer.errors import SourceError
from indexer.sources.corpus.sidecar import read_sidecar
from indexer.sources.extraction.named_fields import field_of
from indexer.text.unicode import nfc

SIDECAR_SUFFIX = ".toml"
ATTACHMENT_FOLDERS = (".첨부", ".attachments")

_ATTACHMENT_ENDING = re.compile(r"[\s_\-.·(\[]*(?:붙임|별첨|첨부|참고)(?:\s?\d{1,2})?(?:$|[\s_\-.·)\]].*)")
# What every such ending has: asked first, as most files are none of another.
_ATTACHMENT_WORD = re.compile("붙임|별첨|첨부|참고")

# A folder and a name in it, in NFC.
_Key = tuple[Path, str]


@dataclass(slots=True)
class RelatedFiles:
    """The sidecar and the attachments of each release that has some, by the path of the release."""

    sidecars: dict[Path, Path] = field(default_factory=dict)
    attachments: dict[Path, list[Path]] = field(default_factory=dict)

    def drop(self, gone: Set[Path]) -> set[Path]:
        """Take out files that are not there; the releases that they belonged to."""
        owners = {release for release, sidecar in self.sidecars.items() if sidecar in gone}
        owners |= {release for release, paths in self.attachments.items() if not gone.isdisjoint(paths)}
        for release in owners:
            if self.sidecars.get(release) in gone:
                del self.sidecars[release]
            left = [path for path in self.attachments.pop(release, []) if path not in gone]
            if left:
                self.attachments[release] = left
        return owners


def find_related_files(paths: Iterable[Path], releases: set[Path]) -> RelatedFiles:
    """The sidecars and attachments among `paths`; `releases` are the files that may have some."""
    related = RelatedFiles()
    paths = sorted(paths)
    by_name = {(path.parent, _stem(path.name)): path for path in sorted(releases, reverse=True)}
    by_name.update({(path.parent, nfc(path.name)): path for path in releases})
    for path in paths:
        if path.suffix.lower() == SIDECAR_SUFFIX:
            release = by_name.get((path.parent, _stem(path.name)))
            if release is not None:
                related.sidecars[release] = path
    attached = _attach_listed(related, paths)
    for path in paths:
        if path in attached or path.suffix.lower() == SIDECAR_SUFFIX:
            continue
        release = _release_of(path, by_name)
        if release is not None and release != path and release not in attached:
            related.attachments.setdefault(release, []).append(path)
            attached.add(path)
    return related


def names_near(names: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """Those of the `names` of one folder, in NFC, that by themselves may belong together with one of the
    `wanted` ones: their whole families. What a sidecar lists may have any name.
    """
    stems = {name: _stem(name) for name in names}
    wanted_stems = {_stem(name) for name in wanted}
    beginnings = {stem[:length] for stem in wanted_stems for length in range(1, len(stem) + 1)}
    owners = wanted_stems | (beginnings & set(stems.values()))
    lengths = sorted({len(owner) for owner in owners})
    return {name for name, stem in stems.items() if any(stem[:length] in owners for length in lengths)}


def _attach_listed(related: RelatedFiles, paths: list[Path]) -> set[Path]:
    """Add the attachments that the sidecars list to `related`; which they are."""
    attached: set[Path] = set()
    by_name = {(path.parent, nfc(path.name)): path for path in paths}
    for release, sidecar in related.sidecars.items():
        for name in _listed_names(sidecar):
            path = by_name.get((release.parent, nfc(name)))
            if path is not None and path not in (release, sidecar) and path not in attached:
                related.attachments.setdefault(release, []).append(path)
                attached.add(path)
    return attached


def _release_of(path: Path, by_name: dict[_Key, Path]) -> Path | None:
    """The release that the name of `path`, or of its folder, makes it an attachment of."""
    folder = path.parent
    folder_name = nfc(folder.name)
    for ending in ATTACHMENT_FOLDERS:
        if folder_name.endswith(ending):
            return by_name.get((folder.parent, folder_name.removesuffix(ending)))
    stem = _stem(path.name)
    if not _ATTACHMENT_WORD.search(stem):
        return None
    # The longest name first: `보도_붙임_붙임1` may belong to `보도_붙임`.
    for length in range(len(stem) - 2, 0, -1):
        release = by_name.get((folder, stem[:length]))
        if release is not None and _ATTACHMENT_ENDING.fullmatch(stem[length:]):
            return release
    return None


def _listed_names(sidecar: Path) -> list[str]:
    try:
        values = read_sidecar(sidecar)
    except (SourceError, OSError):
        # Reading the release reports what is wrong with its sidecar.
        return []
    listed = [value for name, value in values.items() if field_of(name) == "attachments"]
    names = [name for value in listed for name in (value if isinstance(value, list) else [value])]
    # Reading also reports a name that is not a text.
    return [name for name in names if isinstance(name, str)]


def _stem(name: str) -> str:
    return nfc(Path(name).stem)
