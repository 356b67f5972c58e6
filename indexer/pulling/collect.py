"""One item of a source -> its release, fetched, read and put into the corpus."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

from indexer.pulling.attachments import PATIENCE, choose, fetch_files, same_links
from indexer.pulling.fetcher import Fetched, Fetcher
from indexer.pulling.readers.item import Item
from indexer.pulling.sidecar_text import sidecar_text
from indexer.pulling.source import Source
from indexer.pulling.state import ItemState
from indexer.pulling.store import Store, StoredRelease
from indexer.release import Attachment, PressRelease, content_hash_of
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.formats.detection import Format, detect_format
from indexer.sources.formats.html import linked_files
from indexer.sources.parsing import MAX_DOCUMENT_FILE_BYTES, MAX_TEXT_FILE_BYTES
from indexer.sources.problems import ContentError, ReadProblem

Outcome = Literal["new", "changed", "unchanged"]

_SUFFIXES: dict[Format, str] = {
    "html": ".html", "hwp": ".hwp", "hwpx": ".hwpx", "pdf": ".pdf", "docx": ".docx", "newsitem": ".xml",
    "text": ".txt",
}  # fmt: skip
_DOCUMENT_SUFFIXES = (".hwp", ".hwpx", ".pdf", ".docx")
_DECLARED = re.compile(rb"<meta[^>]+charset=", re.I)
_SEARCHED_BYTES = 4_096
_UTF8 = ("", "utf-8", "utf_8", "utf-8-sig", "utf8", "ascii")
_STAGED_STEM = "release"
# A title that the feed has cut.
_CUT = re.compile(r"(?:…|\.{2,})\s*$")


class Refused(Exception):
    """What is at the address is no release; `problem` says why, in Korean, for a person."""

    def __init__(self, problem: ReadProblem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of an item: the release and its place, None where nothing was fetched. `missing`: reasons
    by the address of an attachment that it comes without.
    """

    outcome: Outcome
    release: PressRelease | None = None
    place: StoredRelease | None = None
    missing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Page:
    """The release itself, staged: where it came from, its encoding by the server, what to ask again with."""

    url: str
    charset: str = ""
    etag: str = ""
    last_modified: str = ""


def collect(
    item: Item, source: Source, store: Store, state: ItemState, fetcher: Fetcher, now: datetime
) -> Collected:
    """Bring the corpus to what the source has of `item`, and note it in `state`.

    Raises Refused where it is no release, FetchError where it cannot be fetched, OSError where the disk
    refuses. Then the corpus is as it was.
    """
    stored = store.find(item.key)
    with store.stage() as folder:
        staged = StoredRelease(folder, _STAGED_STEM)
        asks_again = stored is not None and item.stamp == state.stamp
        page = _stage_page(item, source, staged, state, fetcher, asks_again=asks_again)
        if page is None:
            state.note_stored(item.stamp, now, source.recheck_days)
            return Collected("unchanged")
        release = _read_with_sidecar(item, source, staged, page)
        place = store.place_of(item.key, release)
        links = choose(source, _links(item, staged, page))
        is_same = stored is not None and _says_the_same(release, place, staged)
        outcome: Outcome = "unchanged"
        missing: dict[str, str] = {}
        if not (is_same and same_links(state.files, links)):
            if is_same:
                _take_stored(staged, place)
            files = fetch_files(
                fetcher, source, links, staged.attachment_folder,
                before=state.files if stored else {}, tries=PATIENCE if is_same else state.tries,
                stored={path.name: path for path in place.attachments},
            )  # fmt: skip
            release = _read(staged)
            if store.put(item.key, staged, place):
                outcome = "changed" if stored else "new"
            state.files, missing = files.known, files.missing
        # A page that is the same must not hide an attachment that may come yet.
        is_whole = set(missing) <= set(state.files)
        state.etag, state.last_modified = (page.etag, page.last_modified) if is_whole else ("", "")
    state.note_stored(item.stamp, now, source.recheck_days)
    return Collected(outcome, release, place, tuple(missing.items()))


def _stage_page(
    item: Item, source: Source, staged: StoredRelease, state: ItemState, fetcher: Fetcher, *, asks_again: bool
) -> _Page | None:
    """Write the release itself into the stage; None where it has not changed since it was stored."""
    if item.record:
        (staged.folder / f"{staged.stem}.xml").write_bytes(item.record)
        return _Page(item.url)
    if not item.url or (item.content and not source.follow):
        (staged.folder / f"{staged.stem}.html").write_bytes(_page_of(item).encode())
        return _Page(item.url)
    etag, last_modified = (state.etag, state.last_modified) if asks_again else ("", "")
    raw = staged.folder / ".raw"
    suffix = PurePosixPath(urlsplit(item.url).path).suffix.lower()
    if suffix in _DOCUMENT_SUFFIXES:
        done = fetcher.download(
            item.url, raw, rules=source.rules, etag=etag, last_modified=last_modified,
            max_bytes=MAX_DOCUMENT_FILE_BYTES,
        )  # fmt: skip
        page, media_type = _Page(done.url, "", done.etag, done.last_modified), done.media_type
        not_modified = done.not_modified
    else:
        got = fetcher.fetch(
            item.url,
            rules=source.rules,
            etag=etag,
            last_modified=last_modified,
            max_bytes=MAX_TEXT_FILE_BYTES,
        )
        page, media_type = _Page(got.url, _told_charset(got), got.etag, got.last_modified), got.media_type
        not_modified = got.not_modified
        if not not_modified:
            raw.write_bytes(got.body)
    if not_modified:
        return None
    return _name_by_format(raw, staged, page, media_type)


def _told_charset(got: Fetched) -> str:
    """The encoding that only the server tells; '' where the page does, or it is UTF-8."""
    is_told = got.charset.lower() in _UTF8 or _DECLARED.search(got.body[:_SEARCHED_BYTES])
    return "" if is_told else got.charset.lower()


def _name_by_format(raw: Path, staged: StoredRelease, page: _Page, media_type: str) -> _Page:
    """Give what was fetched the suffix of its format. Raises Refused where it is none of a release."""
    guess = staged.folder / (staged.stem + (".txt" if media_type == "text/plain" else ".html"))
    raw.replace(guess)
    try:
        suffix = _SUFFIXES.get(detect_format(guess))
    except ContentError as error:
        raise Refused(error.problem(guess.name)) from error
    if suffix is None:
        raise Refused(ReadProblem(guess.name, "보도자료 한 건의 쪽이나 문서가 아닙니다."))
    guess.replace(staged.folder / (staged.stem + suffix))
    return page


def _page_of(item: Item) -> str:
    """The text that a feed has of a release, as a page."""
    title = html.escape(item.title)
    return (
        f'<!doctype html>\n<html lang="ko">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><article>\n<h1>{title}</h1>\n{item.content}\n</article></body>\n</html>\n"
    )


def _links(item: Item, staged: StoredRelease, page: _Page) -> list[tuple[str, str]]:
    """The files that the source lists or the page links to."""
    links = list(item.files)
    (path,) = staged.files
    if path.suffix == ".html":
        try:
            links += linked_files(path.read_bytes(), page.url, page.charset)
        except ContentError:
            # Reading it has told what is wrong.
            return links
    return links


def _read_with_sidecar(item: Item, source: Source, staged: StoredRelease, page: _Page) -> PressRelease:
    """Write the sidecar with what the page does not say itself, and read both. Raises Refused."""
    if item.record:
        return _read(staged)
    known = {"id": item.id, "url": item.url, "charset": page.charset}
    known |= {"outlet": source.outlet, "published": item.published}
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
        release = _read(staged)
    except Refused:
        if known.get("title") or not item.title:
            raise
        known["title"] = item.title
    else:
        added = {
            name: text for name, text, lacks in guesses if text and not known.get(name) and lacks(release)
        }
        if not added:
            return release
        known |= added
    staged.sidecar.write_text(sidecar_text(known), "utf-8")
    return _read(staged)


def _lacks_department(release: PressRelease, item: Item, source: Source) -> bool:
    """Whether the department that a feed names is none that is known as the issuer or by the page."""
    issuer = source.outlet or release.outlet or item.outlet
    return not release.department and item.department != issuer


def _has_no_title(release: PressRelease) -> bool:
    """Whether the title is only the first words of the text."""
    return dict(release.origins).get("title", "") in ("첫 줄", "첫 문장", "굵은 첫 줄")


def _read(release: StoredRelease, *, attachments: bool = True) -> PressRelease:
    """The release of a stage, or of the corpus. Raises Refused."""
    (path,) = release.files[:1]
    file = CorpusFile(
        path,
        path.name,
        release.sidecar if release.sidecar.exists() else None,
        tuple(release.attachments) if attachments else (),
    )
    problem = ReadProblem(file.source_path, "보도자료가 없습니다.")
    for read in read_file(file):
        if isinstance(read, PressRelease):
            return read
        if read.severity == "error":
            problem = read
    raise Refused(problem)


def _says_the_same(release: PressRelease, place: StoredRelease, staged: StoredRelease) -> bool:
    """Whether what is stored reads as the staged release, but for its attachments: a page has counters and
    marks of the moment, which make its bytes differ each time.
    """
    if [path.suffix for path in place.files] != [path.suffix for path in staged.files]:
        return False
    try:
        stored = _read(place, attachments=False)
    except Refused:
        return False
    return _text_hash(stored) == _text_hash(release) and stored.id == release.id


def _take_stored(staged: StoredRelease, place: StoredRelease) -> None:
    """Put the stored release and sidecar into the stage: only its attachments may differ."""
    for path in (*place.files, place.sidecar):
        if path.exists():
            target = staged.folder / (staged.stem + path.suffix)
            target.unlink(missing_ok=True)
            target.hardlink_to(path)


def _text_hash(release: PressRelease) -> str:
    names = tuple(Attachment(one.name) for one in release.attachments)
    return content_hash_of(replace(release, attachments=names))
