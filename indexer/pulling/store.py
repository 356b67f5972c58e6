"""The folder of a source in the corpus: `<source>/<year>/<name>.html` with its sidecar and attachments.

A release is fetched into a hidden folder, read there, and then put into its place: the sidecar first, then
the attachments, the release itself last. What a killed process leaves behind is never read as a release.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import BodoError
from indexer.files import changing_at_once, make_folder, sync
from indexer.pulling.unindexed import mark_unindexed
from indexer.release import PressRelease
from indexer.sources.corpus.related_files import ATTACHMENT_FOLDERS, SIDECAR_SUFFIX
from indexer.text.unicode import nfc

# A year, or the folder of releases whose year nobody tells.
NO_YEAR = "0000"
_STAGE_PREFIX = ".bodo-pull-"

_YEAR = re.compile(r"\d{4}")
_KEY = re.compile(r"(?:^|-)(?P<key>[0-9a-f]{12})$")
_NOT_IN_NAMES = re.compile(r"[\W_]+")
_SLUG_CHARS = 40


class InUse(BodoError):
    """Another process pulls the same source."""


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release in the corpus: `folder` with its year, `stem` of its names."""

    folder: Path
    stem: str

    @property
    def sidecar(self) -> Path:
        """Its sidecar, which may be missing."""
        return self.folder / (self.stem + SIDECAR_SUFFIX)

    @property
    def attachment_folder(self) -> Path:
        """The folder of its attachments, which may be missing."""
        return self.folder / (self.stem + ATTACHMENT_FOLDERS[0])

    @property
    def files(self) -> list[Path]:
        """The files with the release itself; more than one only where a process was killed."""
        return [
            path
            for path in sorted(self.folder.glob(f"{self.stem}.*"))
            if path.stem == self.stem and path.is_file() and path.suffix != SIDECAR_SUFFIX
        ]

    @property
    def attachments(self) -> list[Path]:
        """The files of its attachments."""
        folder = self.attachment_folder
        return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


class Store:
    """The folder of one source. Only one process at a time uses it (`locked`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stored: dict[str, StoredRelease] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder, keep others out, and remove what killed processes left.

        Raises InUse where another process has it, OSError where the disk refuses.
        """
        make_folder(self.folder)
        with ExitStack() as lock:
            try:
                lock.enter_context(changing_at_once(self.folder))
            except BlockingIOError as error:
                message = f"다른 프로세스가 {self.folder.name}을(를) 가져오고 있습니다."
                raise InUse(message, "그것이 끝나면 다시 실행하세요.") from error
            self._clean()
            yield

    def find(self, key: str) -> StoredRelease | None:
        """The release with this key (`Item.key`); None where there is none."""
        return self._stored.get(key)

    def place_of(self, key: str, release: PressRelease) -> StoredRelease:
        """Where a release is stored, or is to be: a correction keeps the name of what it corrects."""
        stored = self._stored.get(key)
        if stored is not None:
            return stored
        day = f"{release.published_at:%Y-%m-%d}" if release.published_at else ""
        slug = _NOT_IN_NAMES.sub("-", nfc(release.title)).strip("-")[:_SLUG_CHARS].rstrip("-")
        stem = "-".join(filter(None, (day, slug, key)))
        return StoredRelease(self.folder / (day[:4] or NO_YEAR), stem)

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """A hidden folder on the same disk, removed at the end. Raises OSError."""
        folder = Path(tempfile.mkdtemp(prefix=_STAGE_PREFIX, dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, key: str, staged: StoredRelease, place: StoredRelease) -> bool:
        """Move a staged release to its place. Whether anything differed.

        What is there already, byte for byte, stays; what the staged one lacks is removed, at last. Raises
        OSError where the disk refuses; then the release that was there before still is.
        """
        make_folder(place.folder)
        (release,) = staged.files
        moves = [(staged.sidecar, place.sidecar)] if staged.sidecar.exists() else []
        moves += [(path, place.attachment_folder / path.name) for path in staged.attachments]
        moves.append((release, place.folder / (place.stem + release.suffix)))
        kept = {target for _, target in moves}
        old = {path for path in (place.sidecar, *place.files, *place.attachments) if path.exists()} - kept
        moves = [(path, target) for path, target in moves if not _is_same(path, target)]
        if any(target.parent == place.attachment_folder for _, target in moves):
            make_folder(place.attachment_folder)
        if moves or old:
            mark_unindexed(self.folder)
        for path, target in moves:
            sync(path)
            path.replace(target)
            sync(target.parent)
        for path in old:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            # Only an empty one goes.
            place.attachment_folder.rmdir()
        if old:
            sync(place.folder)
        self._stored[key] = place
        return bool(moves or old)

    def _clean(self) -> None:
        """Note what is stored; remove hidden folders, and sidecars and attachments without a release."""
        for folder in self.folder.glob(f"{_STAGE_PREFIX}*"):
            shutil.rmtree(folder, ignore_errors=True)
        self._stored = {}
        leftovers: list[Path] = []
        for year in self.folder.iterdir():
            if not (_YEAR.fullmatch(year.name) and year.is_dir()):
                continue
            paths = [(path, _KEY.search(_stem_of(path))) for path in year.iterdir()]
            ours = [(path, match["key"]) for path, match in paths if match is not None]
            for path, key in ours:
                if not _belongs_to_release(path):
                    self._stored[key] = StoredRelease(year, _stem_of(path))
            leftovers += [path for path, key in ours if key not in self._stored]
        for path in leftovers:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _belongs_to_release(path: Path) -> bool:
    return path.suffix == SIDECAR_SUFFIX or nfc(path.name).endswith(ATTACHMENT_FOLDERS)


def _stem_of(path: Path) -> str:
    return nfc(path.stem)


def _is_same(path: Path, target: Path) -> bool:
    """Whether both files have the same bytes."""
    try:
        if path.stat().st_size != target.stat().st_size:
            return False
        with path.open("rb") as one, target.open("rb") as other:
            while block := one.read(1 << 20):
                if block != other.read(len(block)):
                    return False
        return True
    except FileNotFoundError:
        return False
