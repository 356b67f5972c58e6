"""A file of the corpus -> its press releases, identified, with its sidecar and attachments.

Documents are parsed in the sandbox. JSON Lines are read here: they are a stream of any length, and need no
library that could fail. `exports` reads what portals export.
"""

from __future__ import annotations

import json
import mimetypes
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from gzip import BadGzipFile
from lzma import LZMAError
from pathlib import Path

from indexer.release import Attachment, PressRelease, Section, identify
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.exports import ExportReader
from indexer.sources.corpus.sidecar import charset_of, override, read_sidecar
from indexer.sources.corpus.walk import (
    has_supported_suffix,
    holds_records,
    is_document,
    is_export,
    source_name,
)
from indexer.sources.extraction.field_values import origins_of
from indexer.sources.extraction.json_lines import read_json_lines
from indexer.sources.extraction.release_times import is_embargo_doubt
from indexer.sources.formats.document import FieldValue
from indexer.sources.formats.unpacking import open_records
from indexer.sources.parsing import ParsedFile
from indexer.sources.problems import (
    UNEXPECTED_ERRORS,
    ContentError,
    ReadProblem,
    unexpected_problem,
    unreadable_problem,
)
from indexer.sources.sandbox.parser import SHARED_PARSER, SandboxedParser
from indexer.sources.sandbox.rows import NotASpreadsheetError

# Attachments that may state an embargo in their front matter.
_FRONT_MATTER_SUFFIXES = (".md", ".txt")


def read_file(
    file: CorpusFile, on_progress: Callable[[int], None] = lambda _: None
) -> Iterator[PressRelease | ReadProblem]:
    """The releases of a file, identified, and a problem for each record that is not a release. Never raises.

    Before each release of JSON Lines or an export `on_progress` is called with the bytes of the file read so
    far.
    """
    try:
        if holds_records(file.path):
            yield from _read_records(file, on_progress)
        elif is_export(file.path):
            yield from _read_export(file, on_progress)
        else:
            yield from _read_document_items(file)
    except ContentError as error:
        yield error.problem(file.source_path)
    except OSError as error:
        yield unreadable_problem(file.source_path, error)
    except UNEXPECTED_ERRORS as error:
        yield unexpected_problem(file.source_path, error)


def _read_export(
    file: CorpusFile, on_progress: Callable[[int], None]
) -> Iterator[PressRelease | ReadProblem]:
    try:
        yield from ExportReader(file, on_progress).read()
    except NotASpreadsheetError:
        yield from _read_document_items(file)


def _read_document_items(file: CorpusFile) -> Iterator[PressRelease | ReadProblem]:
    for item in read_document(file).items:
        if isinstance(item, PressRelease):
            _check_encodable(item)
        yield item


def read_document(file: CorpusFile, parser: SandboxedParser = SHARED_PARSER) -> ParsedFile:
    """What a document holds, with its sidecar and attachments; its releases are identified.

    Raises ContentError where it holds no release, OSError where it cannot be opened.
    """
    charset = charset_of(file.sidecar) if file.sidecar is not None else ""
    parsed = parser.parse_file(file.path, file.source_path, charset)
    items: list[PressRelease | ReadProblem] = []
    fields = list(parsed.fields)
    for item in parsed.items:
        if isinstance(item, ReadProblem):
            items.append(item)
            continue
        release = item
        if file.sidecar is not None:
            overridden = override(release, read_sidecar(file.sidecar), file.sidecar.name)
            release = overridden.release
            items += overridden.problems
            if any(item.field == "embargo" for item in overridden.fields):
                items = [item for item in items if not is_embargo_doubt(item)]
            fields = _override_fields(fields, overridden.fields)
        if not release.title:
            hint = f"옆에 {Path(file.source_path).stem}.toml을 두고 title을 쓰세요."
            raise ContentError("제목을 찾을 수 없습니다.", hint)
        release, problems = _with_attachments(release, file, parser)
        items += [*problems, identify(replace(release, origins=origins_of(fields)))]
    return replace(parsed, items=tuple(items), fields=tuple(fields))


def _override_fields(fields: list[FieldValue], overriding: tuple[FieldValue, ...]) -> list[FieldValue]:
    names = {item.field for item in overriding}
    return [*(item for item in fields if item.field not in names), *overriding]


def _check_encodable(release: PressRelease) -> None:
    """Raise ContentError, naming the field, for a text with a lone surrogate: escapes of YAML make such."""
    for name, value in release.to_dict().items():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            message = f"{name}에 올바른 유니코드가 아닌 글자(짝이 없는 대리 문자)가 있습니다."
            raise ContentError(message, "그 글자를 지우세요.") from error


def _with_attachments(
    release: PressRelease, file: CorpusFile, parser: SandboxedParser
) -> tuple[PressRelease, list[ReadProblem]]:
    """The release with its attachments listed and their text below its own; a warning for each unread."""
    sections: list[Section] = []
    attachments: list[Attachment] = []
    embargoes = [release.embargo_until] if release.embargo_until else []
    problems: list[ReadProblem] = []
    addresses = {attachment.name: attachment.url for attachment in release.attachments}
    for path in file.attachments:
        name = source_name(path.name)
        try:
            media_type = mimetypes.guess_type(name)[0] or ""
            size_bytes = path.stat().st_size
            attachments.append(Attachment(name, addresses.get(name, ""), media_type, size_bytes))
            if path.suffix.lower() in _FRONT_MATTER_SUFFIXES:
                embargoes += _stated_embargoes(parser, path, name)
            # Pictures and spreadsheets are only listed; nobody expects to find their text.
            if (has_supported_suffix(path) and not is_export(path)) or (
                not path.suffix and is_document(path)
            ):
                sections += parser.parse_attachment(path, name)
        except ContentError as error:
            problems.append(_attachment_problem(file, name, error.message, error.hint))
        except OSError as error:
            reason = f"열 수 없습니다({error.strerror})."
            problems.append(_attachment_problem(file, name, reason, "읽기 권한을 확인하세요."))
    listed_names = {attachment.name for attachment in attachments}
    others = tuple(item for item in release.attachments if item.name not in listed_names)
    with_attachments = replace(
        release,
        sections=(*release.sections, *sections),
        attachments=(*others, *attachments),
        # The text of an attachment under embargo must not be found through its release.
        embargo_until=max(embargoes, default=None),
    )
    return with_attachments, problems


def _stated_embargoes(parser: SandboxedParser, path: Path, name: str) -> list[datetime]:
    """The embargoes that an attachment states, if it can be read as a release."""
    try:
        items = parser.parse_file(path, name).items
    except ContentError:
        return []
    releases = (item for item in items if isinstance(item, PressRelease))
    return [release.embargo_until for release in releases if release.embargo_until is not None]


def _attachment_problem(file: CorpusFile, name: str, reason: str, hint: str) -> ReadProblem:
    return ReadProblem(file.source_path, f"첨부 {name}: {reason}", hint, severity="warning")


def _read_records(
    file: CorpusFile, on_progress: Callable[[int], None]
) -> Iterator[PressRelease | ReadProblem]:
    if file.path.stat().st_size == 0:
        raise ContentError("빈 파일입니다.", "보도자료를 한 줄에 하나씩 JSON으로 쓰세요.")
    try:
        with open_records(file.path) as (stored, lines):
            for item in read_json_lines(lines, file.source_path):
                on_progress(stored.tell())
                yield item
    except (EOFError, zlib.error, LZMAError, BadGzipFile) as error:
        message = "압축 파일이 깨져 있어 끝까지 읽지 못했습니다."
        raise ContentError(message, "파일을 다시 내려받거나 다시 압축하세요.") from error
