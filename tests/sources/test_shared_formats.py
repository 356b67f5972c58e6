"""Releases as ministries published them, where they are at hand: none is lost, none crashes anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.release import PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document
from indexer.sources.problems import ContentError

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "formats"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not here")

TOLD = {
    "105811.hwp": "hwpx", "105943.hwp": "hwpx", "106144.hwp": "hwpx",
    "105999.hwpx": "hwp", "106079.hwpx": "hwp", "106244.hwpx": "hwp",
    "105086.hwp": "hwp", "105007.hwpx": "hwpx", "R2402776.pdf": "pdf", "detail_106807.html": "html",
}  # fmt: skip
REFUSED = {
    "HWP3-password-123456.hwp": "HWP 3",
    "HWP5-password-123456.hwpx": "암호",
    "distribution.hwp": "배포용",
    "list_page1.html": "목록",
}
FILES = sorted(path.name for path in FOLDER.glob("*")) if FOLDER.is_dir() else []


@pytest.mark.parametrize("name", [name for name in FILES if name not in REFUSED])
def test_every_release_is_read(name: str) -> None:
    reading = read_document(CorpusFile(FOLDER / name, name))
    (release,) = (item for item in reading.items if isinstance(item, PressRelease))
    assert reading.format == TOLD.get(name, reading.format)
    assert 10 <= len(release.title) <= 100
    assert release.published_at is not None
    assert {item.field for item in reading.fields} >= {"title", "published"}
    if reading.format != "html":
        assert len(release.body) > 400
        assert release.department
        assert release.contact


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_what_cannot_be_read_is_told(name: str, reason: str) -> None:
    with pytest.raises(ContentError, match=reason):
        read_document(CorpusFile(FOLDER / name, name))


def test_a_pdf_keeps_title_subtitles_pages_and_tables() -> None:
    reading = read_document(CorpusFile(FOLDER / "R2402776.pdf", "R2402776.pdf"))
    (release,) = reading.items
    assert isinstance(release, PressRelease)
    assert release.title == "청년주택드림청약통장, 2월 21일 출시"
    assert len(release.subtitles) == 2
    assert (release.outlet, release.department) == ("국토교통부", "주택기금과")
    assert (reading.pages, reading.tables) == (12, 7)
    assert "- 2 -" not in release.body
