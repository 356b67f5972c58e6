"""The release itself: its text and where each character of it stands, and the way to JSON and back."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.curation.issuers import Issuers
from indexer.release import SEOUL, Attachment, PressRelease, Section, content_hash_of, identify, read_release

LEAD = Section("", ("첫 문단이다.", "둘째 문단이다."), page=1)
TABLE = Section("공동관 규모", ("구분 | 수", "부스 | 8"), page=1, table=1)
REST = Section("", ("셋째 문단이다.",), page=2)
ANNEX = Section("도면.pdf · 3쪽", ("도면의 글이다.",), file="도면.pdf", page=3)
RELEASE = identify(PressRelease(id="", title="제목", sections=(LEAD, TABLE, REST, ANNEX)))


def test_every_character_of_the_body_knows_its_section() -> None:
    body = RELEASE.body
    for section in RELEASE.sections:
        for line in section.lines:
            start = body.index(line)
            for offset in range(start, start + len(line) + 1):
                assert RELEASE.section_at(offset) is section


@pytest.mark.parametrize("offset", [-1, len(RELEASE.body) + 1])
def test_what_is_not_in_the_body_is_in_no_section(offset: int) -> None:
    with pytest.raises(IndexError):
        RELEASE.section_at(offset)


def test_a_section_without_heading_in_the_middle_adds_no_line() -> None:
    assert RELEASE.headings == ("공동관 규모", "도면.pdf · 3쪽")
    assert RELEASE.body.splitlines() == [
        "첫 문단이다.", "둘째 문단이다.", "공동관 규모", "구분 | 수", "부스 | 8", "셋째 문단이다.",
        "도면.pdf · 3쪽", "도면의 글이다.",
    ]  # fmt: skip


def test_json_gives_the_release_back() -> None:
    assert PressRelease.from_dict(json.loads(json.dumps(RELEASE.to_dict()))) == RELEASE


TEXTS = st.text(max_size=9)
MOMENTS = st.none() | st.datetimes(timezones=st.sampled_from([SEOUL, UTC]))
RELEASES = st.builds(
    PressRelease,
    id=TEXTS, title=TEXTS, subtitles=st.tuples(TEXTS), outlet=TEXTS, department=TEXTS, contact=TEXTS,
    published_at=MOMENTS, published_precision=st.sampled_from(["day", "time"]), embargo_until=MOMENTS,
    sections=st.tuples(st.builds(Section, TEXTS, st.tuples(TEXTS), page=st.integers(0, 9))),
    attachments=st.tuples(st.builds(Attachment, TEXTS, size_bytes=st.none() | st.integers(0))),
)  # fmt: skip
SURROGATES = st.sampled_from(["", "\ud800", "가\udfff나"])


@given(RELEASES, SURROGATES, st.booleans())
def test_what_is_stored_gives_the_release_back(release: PressRelease, url: str, whole: bool) -> None:
    release = replace(release, url=url)
    empty = PressRelease(id="", title="").to_dict()
    record = {name: value for name, value in release.to_dict().items() if whole or value != empty[name]}
    read = read_release(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    assert read == PressRelease.from_dict(json.loads(json.dumps(release.to_dict())))


@given(
    st.binary(max_size=40)
    | st.sampled_from([b"[]", b"7", b'{"title": 1, "sections": 2}', b'{"id": "a", "sections": [{}]}'])
)
def test_damage_is_a_usual_error(data: bytes) -> None:
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        read_release(data)


@given(RELEASES, TEXTS)
def test_the_content_hash_can_be_computed_of_what_is_stored(release: PressRelease, outlet: str) -> None:
    """Else `bodo verify` would call whole releases damaged."""
    for kept in (identify(release), Issuers(f"이름 = {outlet}").normalize(identify(release))):
        stored = PressRelease.from_dict(json.loads(json.dumps(kept.to_dict())))
        assert content_hash_of(stored) == stored.content_hash


def test_origins_are_kept_and_are_no_part_of_the_content() -> None:
    known = identify(replace(RELEASE, origins=(("title", "‘제목’ 칸"),)))
    assert PressRelease.from_dict(json.loads(json.dumps(known.to_dict()))) == known
    assert known.content_hash == RELEASE.content_hash


def test_json_leaves_out_what_is_not_known_of_a_place() -> None:
    lead, table, _, annex = RELEASE.to_dict()["sections"]
    assert lead.keys() == {"heading", "paragraphs", "page"}
    assert table.keys() == {"heading", "paragraphs", "page", "table"}
    assert annex.keys() == {"heading", "paragraphs", "page", "file"}
    assert Section("", ("글",)).to_dict() == {"heading": "", "paragraphs": ("글",)}


@pytest.mark.parametrize("place", [{"file": "다른.pdf"}, {"page": 4}, {"table": 2}])
def test_the_content_hash_covers_where_a_section_is(place: dict[str, str | int]) -> None:
    moved = replace(RELEASE, sections=(*RELEASE.sections[:-1], replace(ANNEX, **place)))  # type: ignore[arg-type]
    assert identify(moved).content_hash != RELEASE.content_hash
