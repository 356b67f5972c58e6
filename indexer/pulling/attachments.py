"""The attachments of a release: which links lead to one, and how they get beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from indexer.pulling.fetch_error import FetchError, shown_url
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.file_names import safe_file_name
from indexer.pulling.readers.item import MAX_URL_CHARS
from indexer.pulling.source import Source
from indexer.pulling.state import address_digest
from indexer.sources.formats.detection import detect_format
from indexer.sources.problems import ContentError

# Releases have a handful; what links to more is an index of files.
MAX_ATTACHMENTS = 50
MAX_BYTES = 512 * 1024**2
# After so many runs a release comes without the attachment that could not be fetched.
PATIENCE = 5
_NAME_BYTES = 200


@dataclass(slots=True)
class FetchedFiles:
    """What was fetched: for each address name, etag and last_modified; `missing` has a reason for each
    address that had to be left out.
    """

    known: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def choose(source: Source, links: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The names and addresses among `links` that are attachments by the rules of the source, each address
    once.
    """
    chosen: dict[str, str] = {}
    for name, url in links:
        if len(url) > MAX_URL_CHARS or not url.startswith(("http://", "https://")):
            continue
        suffixes = {_suffix(name), _suffix(_path_name(url))}
        is_one = bool(suffixes & set(source.attachment_suffixes)) or (
            source.attachment_pattern is not None and source.attachment_pattern.search(url) is not None
        )
        if is_one and source.attachments and (url not in chosen or not chosen[url]):
            chosen[url] = name
    return [(name, url) for url, name in chosen.items()][:MAX_ATTACHMENTS]


def fetch_files(
    fetcher: Fetcher,
    source: Source,
    links: list[tuple[str, str]],
    folder: Path,
    *,
    before: dict[str, list[str]],
    stored: dict[str, Path],
    tries: int,
) -> FetchedFiles:
    """Fetch the attachments `links` into `folder`, which is made if there is one.

    `before` is what was known of them, `stored` the files that are there, by name: what did not change is
    linked, not fetched. Raises FetchError where one cannot be fetched now, unless it was tried for long
    (`tries` runs); OSError where the disk refuses.
    """
    fetched = FetchedFiles()
    left_bytes = MAX_BYTES
    taken: set[str] = set()
    for number, (label, url) in enumerate(links, 1):
        folder.mkdir(exist_ok=True)
        target = folder / f".{number}"
        name, etag, last_modified = before.get(url, ["", "", ""])
        old = stored.get(name)
        if old is None:
            etag = last_modified = ""
        try:
            done = fetcher.download(
                url, target, rules=source.rules, etag=etag, last_modified=last_modified, max_bytes=left_bytes
            )
            if done.not_modified and old is not None:
                target.hardlink_to(old)
            elif _is_page_instead(target, label or done.file_name, done.media_type):
                raise FetchError(f"{shown_url(url)}: 파일이 아니라 쪽입니다.", "")
        except FetchError as error:
            if error.is_passing and tries < PATIENCE:
                raise
            target.unlink(missing_ok=True)
            if error.is_passing and old is not None:
                # It was there before; nobody said that it is gone.
                target.hardlink_to(old)
                target.replace(folder / name)
                taken.add(name.casefold())
                fetched.known[url] = before[url]
                continue
            fetched.missing[url] = error.message
            if not error.is_passing:
                # Known to be missing, so that it alone makes no later run fetch the others again.
                fetched.known[url] = ["", "", ""]
            continue
        if not done.not_modified:
            name = _free_name(_name(label, done.file_name, number), taken)
            etag, last_modified = done.etag, done.last_modified
        taken.add(name.casefold())
        left_bytes -= target.stat().st_size
        target.replace(folder / name)
        fetched.known[url] = [name, etag, last_modified]
        if left_bytes <= 0:
            fetched.missing |= {url: "첨부가 모두 너무 큽니다." for _, url in links[number:]}
            break
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    return fetched


def _name(label: str, file_name: str, number: int) -> str:
    """The name that the release gives the file, with the suffix that the server gives it if it has none."""
    given = safe_file_name(label) if _suffix(label) else ""
    name = given or safe_file_name(file_name) or safe_file_name(label) or f"첨부{number}"
    path = PurePosixPath(name)
    stem = path.stem.encode()[:_NAME_BYTES].decode("utf-8", "ignore")
    return stem + path.suffix[:20]


def _free_name(name: str, taken: set[str]) -> str:
    path, count = PurePosixPath(name), 1
    while name.casefold() in taken:
        count += 1
        name = f"{path.stem} ({count}){path.suffix}"
    return name


def _is_page_instead(path: Path, name: str, media_type: str) -> bool:
    """Whether a page came where a file was asked for: often the error of a server."""
    if _suffix(name) in (".html", ".htm"):
        return False
    try:
        return media_type == "text/html" and detect_format(path) == "html"
    except ContentError:
        return False


def _suffix(name: str) -> str:
    return PurePosixPath(name.strip()).suffix.lower()


def _path_name(url: str) -> str:
    try:
        return unquote(PurePosixPath(urlsplit(url).path).name)
    except ValueError:
        return ""


def same_links(known: dict[str, list[str]], links: list[tuple[str, str]]) -> bool:
    """Whether all attachments of `links`, and no others, were fetched before: `known` by `address_digest`."""
    return set(known) == {address_digest(url) for _, url in links}
