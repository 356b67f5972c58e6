"""The press release, which is the document that is indexed and found."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

SEOUL = ZoneInfo("Asia/Seoul")

# What stands before the title of a correction, always in brackets: 수정 예산안 is about a budget.
_CORRECTION = re.compile(
    r"^\s*[\[(【〔<](?:정정|수정|재배포|재송부)(?:\s?(?:보도)?(?:자료|본|판))?[\])】〕>]\s*"
)

Precision = Literal["time", "day"]

# A choice: systems that publish state a later time for every release, of the minutes in which it was put up.
CORRECTION_MARGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Section:
    """Paragraphs from one location. `heading` is '' in the lead, and where the section before only goes on at
    another location: on the next page, in a table, below it.

    `file` is the name of the attachment that holds it, '' for the release itself. `page` and `table` count
    from 1 within that file; 0 means unknown or not applicable.
    """

    heading: str
    paragraphs: tuple[str, ...]
    file: str = ""
    page: int = 0
    table: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The heading, unless it is '', and the paragraphs."""
        return (self.heading, *self.paragraphs) if self.heading else self.paragraphs

    def to_dict(self) -> dict[str, Any]:
        """The section as JSON values, without the parts of its location that are '' or 0; `from_dict` reads
        it back.
        """
        record: dict[str, Any] = {"heading": self.heading, "paragraphs": self.paragraphs}
        if self.file:
            record["file"] = self.file
        if self.page:
            record["page"] = self.page
        if self.table:
            record["table"] = self.table
        return record

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Section:
        """Read what `to_dict` wrote. Raises KeyError or TypeError on anything else."""
        return cls(**{**record, "heading": record["heading"], "paragraphs": tuple(record["paragraphs"])})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a release. `size_bytes` is None if unknown."""

    name: str
    url: str = ""
    media_type: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PressRelease:
    """One press release as its source gave it. A field that is unknown is empty.

    `published_at` and `embargo_until` are aware; `published_precision` is "day" if the source gave a date
    without a time. `source_path` is NFC and relative to the corpus. `origins` are pairs: the name of a field
    that was found in the text, and where, for a person to read. `corrected_at` is when it was corrected last,
    aware; None if it never was, as far as is known. `content_hash` covers every field except `id`,
    `source_path`, `origins`, `corrected_at` and itself.
    """

    id: str
    title: str
    subtitles: tuple[str, ...] = ()
    outlet: str = ""
    department: str = ""
    reporter: str = ""
    contact: str = ""
    published_at: datetime | None = None
    published_precision: Precision = "time"
    embargo_until: datetime | None = None
    url: str = ""
    sections: tuple[Section, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source_path: str = ""
    content_hash: str = ""
    origins: tuple[tuple[str, str], ...] = ()
    corrected_at: datetime | None = None

    @property
    def subtitle(self) -> str:
        """All subtitles, one on each line."""
        return "\n".join(self.subtitles)

    @property
    def headings(self) -> tuple[str, ...]:
        """The section headings in order, without empty ones."""
        return tuple(section.heading for section in self.sections if section.heading)

    @property
    def body(self) -> str:
        """The text of all sections, one heading or paragraph on each line."""
        return "\n".join(line for section in self.sections for line in section.lines)

    def section_at(self, offset: int) -> Section:
        """The section with the character of `body` at `offset`. A line feed belongs to the line it ends.

        Raises IndexError if `offset` is outside of all sections.
        """
        end = 0
        for section in self.sections if offset >= 0 else ():
            lines = section.lines
            end += sum(map(len, lines)) + len(lines)
            if offset < end:
                return section
        raise IndexError(offset)

    def to_dict(self) -> dict[str, Any]:
        """The release as JSON values, without `corrected_at` where it is None; `from_dict` reads it back."""
        # Not dataclasses.asdict, which copies every value: it takes longer than reading the release does.
        record: dict[str, Any] = {name: getattr(self, name) for name in _FIELD_NAMES}
        for name in ("published_at", "embargo_until"):
            record[name] = record[name].isoformat() if record[name] else None
        if self.corrected_at:
            record["corrected_at"] = self.corrected_at.isoformat()
        record["sections"] = [section.to_dict() for section in self.sections]
        record["attachments"] = [asdict(attachment) for attachment in self.attachments]
        return record

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> PressRelease:
        """Read what `to_dict` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        values = {name: record[name] for name in _FIELD_NAMES}
        values["corrected_at"] = record.get("corrected_at")
        for name in _TIMES:
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        values["subtitles"] = tuple(values["subtitles"])
        values["sections"] = tuple(Section.from_dict(section) for section in values["sections"])
        values["attachments"] = tuple(Attachment(**attachment) for attachment in values["attachments"])
        values["origins"] = tuple((field, origin) for field, origin in values["origins"])
        return cls(**values)


_TIMES = ("published_at", "embargo_until", "corrected_at")
# Few releases are ever corrected, and what is stored of each is read often.
_FIELD_NAMES = tuple(field.name for field in fields(PressRelease) if field.name != "corrected_at")
_EMPTY = PressRelease(id="", title="").to_dict()
_decoder = msgspec.json.Decoder(PressRelease)


def read_release(data: bytes) -> PressRelease:
    """A release of the JSON that `to_dict` gives, in UTF-8. Fields that are empty may be left out.

    Raises ValueError, KeyError or TypeError on anything else.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # It reads no lone surrogates, which an address may have, and wants an id and a title.
        record = json.loads(data.decode("utf-8", "surrogatepass"))
        return PressRelease.from_dict({**_EMPTY, **record})


def identify(release: PressRelease) -> PressRelease:
    """Fill in `content_hash`, and `id` if the source gave none; `source_path` becomes NFC. A stated time of
    correction that is not later than the publication by CORRECTION_MARGIN, or by a day where only the day of
    it is known, is none.

    A derived id is a hash of outlet, full timestamp and title, so it stays the same when the release is
    indexed again or its file moves. A correction that says so before its title ([정정]) has the id of what it
    corrects.
    """
    return replace(
        release,
        id=release.id or _derive_id(release),
        source_path=unicodedata.normalize("NFC", release.source_path),
        content_hash=content_hash_of(release),
        corrected_at=release.corrected_at if _is_corrected(release) else None,
    )


def _is_corrected(release: PressRelease) -> bool:
    if release.corrected_at is None or release.published_at is None:
        return release.corrected_at is not None
    margin = timedelta(days=1) if release.published_precision == "day" else CORRECTION_MARGIN
    return release.corrected_at >= release.published_at + margin


def content_hash_of(release: PressRelease) -> str:
    """The SHA-256 digest, in hexadecimal, of every field that `content_hash` covers."""
    record = release.to_dict()
    for name in ("id", "source_path", "content_hash", "origins", "corrected_at"):
        record.pop(name, None)
    return _digest(record)


def _derive_id(release: PressRelease) -> str:
    published = release.published_at.isoformat() if release.published_at else ""
    title = _CORRECTION.sub("", release.title) or release.title
    return _digest([release.outlet, published, title])[:16]


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The non-blank lines of `text`, stripped of white space at both ends."""
    return tuple(stripped for line in text.splitlines() if (stripped := line.strip()))


def sections_of(blocks: Iterable[tuple[str, Iterable[str]]]) -> tuple[Section, ...]:
    """Sections from pairs of heading and paragraphs. Pairs with neither are left out."""
    sections = (Section(heading.strip(), tuple(paragraphs)) for heading, paragraphs in blocks)
    return tuple(section for section in sections if section.heading or section.paragraphs)


def _digest(value: object) -> str:
    # surrogatepass, so that hashing does not refuse a damaged text: the analyzer does, with the offset.
    encoded = json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.sha256(encoded).hexdigest()
