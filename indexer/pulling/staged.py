"""A fetched release, read as the corpus will be read, and compared with what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from indexer.pulling.readers.item import Item, stamp_of
from indexer.pulling.sidecar_text import sidecar_text
from indexer.pulling.source import Source
from indexer.pulling.state import ItemState
from indexer.pulling.store import StoredRelease
from indexer.release import Attachment, PressRelease, content_hash_of
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.problems import ReadProblem

# A title that the feed has cut.
_CUT = re.compile(r"(?:…|\.{2,})\s*$")
# As long as other digests of the state.
_DIGEST_CHARS = 16


class Refused(Exception):
    """What is at the address is no release; `problem` says why, in Korean, for a person."""

    def __init__(self, problem: ReadProblem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def read_with_sidecar(
    item: Item, source: Source, staged: StoredRelease, charset: str
) -> tuple[PressRelease, tuple[str, str]]:
    """Write the sidecar with what the page does not say itself, and read both: the release, and digests of
    how the page reads and of what the source says besides. The time by the source is in neither: it is often
    that of the request. Raises Refused.
    """
    if item.record:
        release = read_release(staged)
        return release, (_text_hash(release), "")
    known = {"id": item.id, "url": item.url, "charset": charset, "outlet": source.outlet}
    if item.title_counts and not _CUT.search(item.title):
        known["title"] = item.title
    guesses: list[tuple[str, str, Callable[[PressRelease], bool]]] = [
        ("outlet", item.outlet, lambda release: not release.outlet),
        ("department", item.department, lambda release: _lacks_department(release, item, source)),
        ("published", item.updated, lambda release: release.published_at is None),
        ("title", item.title, _has_no_title),
    ]
    staged.sidecar.write_text(sidecar_text(known), "utf-8")
    try:
        release = read_release(staged)
    except Refused:
        if known.get("title") or not item.title:
            raise
        known["title"] = item.title
        staged.sidecar.write_text(sidecar_text(known), "utf-8")
        release = read_release(staged)
    page_digest = _text_hash(release)
    added = {"published": item.published} if item.published else {}
    added |= {
        name: text
        for name, text, lacks in guesses
        if text and not known.get(name) and name not in added and lacks(release)
    }
    known |= added
    told_digest = stamp_of(*(f"{name}={text}" for name, text in known.items() if name != "published"))
    if not added:
        return release, (page_digest, told_digest)
    staged.sidecar.write_text(sidecar_text(known), "utf-8")
    return read_release(staged), (page_digest, told_digest)


def _lacks_department(release: PressRelease, item: Item, source: Source) -> bool:
    """Whether the department that a feed names is none that is known as the issuer or by the page."""
    issuer = source.outlet or release.outlet or item.outlet
    return not release.department and item.department != issuer


def _has_no_title(release: PressRelease) -> bool:
    """Whether the title is only the first words of the text."""
    return dict(release.origins).get("title", "") in ("첫 줄", "첫 문장", "굵은 첫 줄")


def read_release(release: StoredRelease) -> PressRelease:
    """The release of a stage, with its attachments. Raises Refused."""
    sidecar = release.sidecar if release.sidecar.exists() else None
    return read_page(release, sidecar, tuple(release.attachments))


def read_page(
    release: StoredRelease, sidecar: Path | None, attachments: tuple[Path, ...] = ()
) -> PressRelease:
    """The release itself, read with a sidecar. Raises Refused."""
    (path,) = release.files[:1]
    file = CorpusFile(path, path.name, sidecar, attachments)
    problem = ReadProblem(file.source_path, "보도자료가 없습니다.")
    for read in read_file(file):
        if isinstance(read, PressRelease):
            return read
        if read.severity == "error":
            problem = read
    raise Refused(problem)


def says_the_same(
    release: PressRelease,
    digests: tuple[str, str],
    place: StoredRelease,
    staged: StoredRelease,
    state: ItemState,
) -> bool:
    """Whether the source says what it said when the release was stored, whatever people have edited since,
    and but for attachments: a page has counters and marks of the moment, which make its bytes differ.
    """
    if [path.suffix for path in place.files] != [path.suffix for path in staged.files]:
        return False
    if staged.sidecar.exists() and not place.sidecar.exists():
        return False
    if state.page and digests[1] != state.told:
        return False
    if digests[0] == state.page:
        return True
    # Without a state, or if pages are read otherwise by now: the stored page, without what people edited.
    try:
        stored = read_page(place, staged.sidecar if staged.sidecar.exists() else None)
    except Refused:
        return False
    return _text_hash(stored) == _text_hash(release)


def _text_hash(release: PressRelease) -> str:
    names = tuple(Attachment(one.name) for one in release.attachments)
    return content_hash_of(replace(release, attachments=names))[:_DIGEST_CHARS]
