"""The corpus -> press releases: finds the files, picks the reader, keeps the limits.

A document is read in a worker process (`isolation`), with its side file and attachments; JSON Lines are
a stream without end that needs no library, and are read here.
"""

from __future__ import annotations

import errno
import json
import mimetypes
import os
import stat
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from gzip import BadGzipFile
from lzma import LZMAError
from pathlib import Path

from indexer.curation.files import CURATED_FILES
from indexer.errors import SourceError
from indexer.release import Attachment, PressRelease, Section, identify
from indexer.sources.content_error import ContentError
from indexer.sources.corpus.companions import SIDE_SUFFIX, find_companions
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.sidecar import override, read_side_file
from indexer.sources.formats.detection import TEXT_SUFFIXES, has_signature, tell_format
from indexer.sources.formats.document import origins_of
from indexer.sources.formats.json_lines import read_json_lines
from indexer.sources.formats.unpacking import RECORD_SUFFIXES, open_records
from indexer.sources.parsing import MAX_TEXT_FILE_BYTES, Reading
from indexer.sources.problems import UNFORESEEN, Refusal, unforeseen
from indexer.sources.sandbox.isolation import SHARED, Reader

__all__ = [
    "MAX_TEXT_FILE_BYTES", "CorpusFile", "holds_records", "list_files", "read_document",
    "read_file",
]  # fmt: skip

_NOT_RELEASES = frozenset({"FORMAT.md", "README.md", *(file.name for file in CURATED_FILES)})
# What may state an embargo of its own in a front matter.
_STATING_SUFFIXES = (".md", ".txt")
_DOCUMENT_SUFFIXES = (".hwp", ".hwpx", ".pdf", ".docx")
_SUPPORTED = ", ".join((*_DOCUMENT_SUFFIXES, *TEXT_SUFFIXES, *RECORD_SUFFIXES))


def require_corpus(corpus: Path) -> int:
    """What the corpus is, as `stat` tells. Raises SourceError where there is none that can be looked at."""
    try:
        return corpus.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = "폴더를 만들거나 --corpus로 알려 주세요."
        raise SourceError(f"보도자료 폴더가 없습니다: {corpus}", hint) from error
    except OSError as error:
        message = f"보도자료 폴더를 읽을 수 없습니다: {corpus} ({error.strerror or error})"
        raise SourceError(message, "읽기 권한을 확인하세요.") from error


def list_files(corpus: Path, *, follow_links: bool = False) -> tuple[list[CorpusFile], list[Refusal]]:
    """The files of a corpus, sorted by `source_path`, and a Refusal for each that has no reader.

    `corpus` is a folder, walked to any depth, or a single file. Hidden files and the files that
    configure the corpus are left out; a folder that links lead to twice is walked once. What a link leads to
    outside of the corpus is refused unless `follow_links`. Side files and attachments come with the release
    that they belong to.
    Raises SourceError where it does not exist or cannot be looked at.
    """
    kind = require_corpus(corpus)
    refusals: list[Refusal] = []
    if stat.S_ISREG(kind):
        found = {corpus: _nfc(corpus.name)}
    else:
        walked = _walk(corpus, refusals, follow_links=follow_links)
        found = {path: _nfc(path.relative_to(corpus).as_posix()) for path in walked}
    readable: set[Path] = set()
    unknown: set[Path] = set()
    for path, source_path in found.items():
        if not _may_be_file(path):
            reason = "파일이 아니거나 끊어진 링크입니다."
            refusals.append(Refusal(source_path, reason, "지우거나 옮기세요."))
        elif _suffix(path) or _has_signature(path):
            readable.add(path)
        else:
            unknown.add(path)
    documents = {path for path in readable if not holds_records(path)}
    family = find_companions(readable | unknown, documents)
    attached = {path for paths in family.attachments.values() for path in paths}
    for path in unknown - attached - set(family.side_files.values()):
        refusals.append(_unknown(path, found[path]))
    files = [
        CorpusFile(path, found[path], family.side_files.get(path), tuple(family.attachments.get(path, ())))
        for path in readable - attached
    ]
    refusals.sort(key=lambda refusal: refusal.source_path)
    return sorted(files, key=lambda file: (file.source_path, os.fspath(file.path))), refusals


def holds_records(path: Path) -> bool:
    """Whether a file holds a release a line (JSON Lines), by its name."""
    return _suffix(path) in RECORD_SUFFIXES


def read_file(
    file: CorpusFile, at_byte: Callable[[int], None] = lambda _: None
) -> Iterator[PressRelease | Refusal]:
    """The releases of a file, identified, and a Refusal for whatever of it is not one. Never raises.

    `at_byte` is told before each release of a long file how many of its bytes have been read.
    """
    try:
        if holds_records(file.path):
            yield from _read_records(file, at_byte)
        else:
            for item in read_document(file).items:
                if isinstance(item, PressRelease):
                    _check_texts(item)
                yield item
    except ContentError as error:
        yield error.refusal(file.source_path)
    except OSError as error:
        yield _unreadable(file.source_path, error)
    except UNFORESEEN as error:
        yield unforeseen(file.source_path, error)


def read_document(file: CorpusFile, reader: Reader = SHARED) -> Reading:
    """What a document holds, its releases identified, with its side file and attachments.

    Raises ContentError where it holds no release, OSError where it cannot be opened.
    """
    reading = reader.read_release(file.path, file.source_path)
    items: list[PressRelease | Refusal] = []
    found = list(reading.found)
    for item in reading.items:
        release = item
        if isinstance(release, PressRelease) and file.side_file is not None:
            name = file.side_file.name
            for said in override(release, read_side_file(file.side_file), name):
                if isinstance(said, tuple):
                    stated = {one.field for one in said}
                    found = [one for one in found if one.field not in stated] + list(said)
                elif isinstance(said, Refusal):
                    items.append(said)
                else:
                    release = said
        if isinstance(release, PressRelease):
            if not release.title:
                raise ContentError(
                    "제목을 찾을 수 없습니다.",
                    f"옆에 {Path(file.source_path).stem}.toml을 두고 title을 쓰세요.",
                )
            release, refusals = _with_attachments(release, file, reader)
            items += [*refusals, identify(replace(release, origins=origins_of(found)))]
        else:
            items.append(release)
    return replace(reading, items=tuple(items), found=tuple(found))


def _embargoes(reader: Reader, path: Path, name: str) -> list[datetime]:
    """The embargoes that an attachment states, if it can be read as a release."""
    try:
        items = reader.read_release(path, name).items
    except ContentError:
        return []
    found = (item.embargo_until for item in items if isinstance(item, PressRelease))
    return [moment for moment in found if moment is not None]


def _check_texts(release: PressRelease) -> None:
    """Raise ContentError, naming the field, for a text that cannot be written down: escapes of YAML can make
    one.
    """
    for name, value in release.to_dict().items():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            message = f"{name}에 올바른 유니코드가 아닌 글자(짝이 없는 대리 문자)가 있습니다."
            raise ContentError(message, "그 글자를 지우세요.") from error


def _with_attachments(
    release: PressRelease, file: CorpusFile, reader: Reader
) -> tuple[PressRelease, list[Refusal]]:
    """The release with its attachments listed and their text below its own; a warning for each unread."""
    sections: list[Section] = []
    listed: list[Attachment] = []
    embargoes = [release.embargo_until] if release.embargo_until else []
    refusals: list[Refusal] = []
    for path in file.attachments:
        name = _nfc(path.name)
        try:
            size = path.stat().st_size
            listed.append(Attachment(name, media_type=mimetypes.guess_type(name)[0] or "", size_bytes=size))
            if path.suffix.lower() in _STATING_SUFFIXES:
                embargoes += _embargoes(reader, path, name)
            # Pictures and spreadsheets are listed; nobody expects to find their text.
            if _suffix(path) or (not path.suffix and _has_signature(path)):
                sections += reader.read_sections(path, name)
        except (ContentError, OSError) as error:
            reason = (
                error.message if isinstance(error, ContentError) else f"열 수 없습니다({error.strerror})."
            )
            hint = error.hint if isinstance(error, ContentError) else "읽기 권한을 확인하세요."
            refusals.append(Refusal(file.source_path, f"첨부 {name}: {reason}", hint, warning=True))
    known = {attachment.name for attachment in listed}
    others = tuple(attachment for attachment in release.attachments if attachment.name not in known)
    return (
        replace(
            release,
            sections=(*release.sections, *sections),
            attachments=(*others, *listed),
            # What an attachment holds back is not to be found by way of its release.
            embargo_until=max(embargoes, default=None),
        ),
        refusals,
    )


def _read_records(file: CorpusFile, at_byte: Callable[[int], None]) -> Iterator[PressRelease | Refusal]:
    if file.path.stat().st_size == 0:
        raise ContentError("빈 파일입니다.", "보도자료를 한 줄에 하나씩 JSON으로 쓰세요.")
    try:
        with open_records(file.path) as (stored, lines):
            for item in read_json_lines(lines, file.source_path):
                at_byte(stored.tell())
                yield item
    except (EOFError, zlib.error, LZMAError, BadGzipFile) as error:
        message = "압축 파일이 깨져 있어 끝까지 읽지 못했습니다."
        raise ContentError(message, "파일을 다시 내려받거나 다시 압축하세요.") from error


def _walk(corpus: Path, refusals: list[Refusal], *, follow_links: bool) -> Iterator[Path]:
    def refuse_link(path: Path) -> None:
        inside = _nfc(path.relative_to(corpus).as_posix())
        hint = "파일을 corpus에 넣거나, 그대로 읽으려면 --follow-links를 붙이세요."
        refusals.append(Refusal(inside, "corpus 밖을 가리키는 링크입니다.", hint))

    def refuse(error: OSError) -> None:
        path = Path(error.filename) if error.filename else corpus
        inside = path.relative_to(corpus).as_posix() if path.is_relative_to(corpus) else path.name
        refusals.append(_unreadable(_nfc(inside), error))

    root = os.path.realpath(corpus)

    def leads_out(path: Path) -> bool:
        """Whether a link leads out of the corpus: what is no link is where its folder is."""
        # What cannot be looked at is no link here; it is refused where it is listed.
        if follow_links or not os.path.islink(path):  # noqa: PTH114 - Path.is_symlink raises
            return False
        real = os.path.realpath(path)
        return os.path.commonpath([root, real]) != root

    seen = {root}
    for folder, folders, names in os.walk(corpus, onerror=refuse, followlinks=True):
        entered = []
        for name in sorted(folders):
            real = os.path.realpath(Path(folder, name))
            if not name.startswith(".") and leads_out(Path(folder, name)):
                refuse_link(Path(folder, name))
                continue
            if not name.startswith(".") and real not in seen:
                seen.add(real)
                entered.append(name)
        folders[:] = entered
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or name in _NOT_RELEASES:
                continue
            if leads_out(path):
                refuse_link(path)
            else:
                yield path


def _may_be_file(path: Path) -> bool:
    """Whether there is a file at `path`. What cannot be asked, as a folder may be listed and not entered or a
    network fail, is taken for one: reading it will say why not.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def _suffix(path: Path) -> str:
    name = path.name.lower()
    suffixes = (*RECORD_SUFFIXES, *TEXT_SUFFIXES, *_DOCUMENT_SUFFIXES)
    return next((suffix for suffix in suffixes if name.endswith(suffix)), "")


def _has_signature(path: Path) -> bool:
    try:
        return has_signature(path)
    except OSError:
        return False


def _unknown(path: Path, source_path: str) -> Refusal:
    """Why the file at `path`, which no reader reads, is none: what it is, where its bytes tell that."""
    if path.suffix.lower() == SIDE_SUFFIX:
        return Refusal(source_path, "곁 파일의 보도자료가 없습니다.", "보도자료와 같은 이름으로 두세요.")
    try:
        tell_format(path)
    except ContentError as error:
        return error.refusal(source_path)
    except OSError as error:
        return _unreadable(source_path, error)
    return Refusal(source_path, "읽을 수 없는 형식입니다.", f"쓸 수 있는 형식: {_SUPPORTED}")


def _unreadable(source_path: str, error: OSError) -> Refusal:
    return Refusal(source_path, f"읽을 수 없습니다({error.strerror or error}).", "읽기 권한을 확인하세요.")


def _nfc(name: str) -> str:
    r"""A name from the file system as text: composed, bytes that are no UTF-8 written out (\xff)."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", text)
