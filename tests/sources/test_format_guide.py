"""The examples of corpus/FORMAT.md are read as the guide says."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from indexer.release import SEOUL, PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file

GUIDE = (Path(__file__).parents[2] / "corpus" / "FORMAT.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(txt|md|jsonl|csv)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def read_example(number: int, folder: Path) -> list[PressRelease]:
    suffix, content = EXAMPLES[number]
    path = folder / f"example.{suffix}"
    path.write_text(content, "utf-8")
    items = list(read_file(CorpusFile(path, path.name)))
    releases = [item for item in items if isinstance(item, PressRelease)]
    assert releases == items
    return releases


def test_the_guide_shows_every_format() -> None:
    assert [suffix for suffix, _ in EXAMPLES] == ["txt", "md", "md", "jsonl", "csv"]


def test_the_copied_page(tmp_path: Path) -> None:
    (release,) = read_example(0, tmp_path)
    assert release.title == "홍남표 창원특례시장, 독일 출장 성과 밝혀"
    assert release.subtitles == ("하노버 산업박람회 참가해 국가산단 혁신 방안 모색",)
    assert (release.outlet, release.reporter) == ("경남에나뉴스", "이도균")
    assert release.published_at == datetime(2023, 4, 25, 1, 28, tzinfo=SEOUL)
    assert release.headings == ("하노버에 첫 창원공동관 운영",)
    assert release.body.startswith("창원특례시장이 독일")


def test_the_front_matter(tmp_path: Path) -> None:
    (release,) = read_example(1, tmp_path)
    assert (release.id, release.department) == ("changwon-2023-0425", "전략산업과")
    assert release.embargo_until == datetime(2023, 4, 25, 9, tzinfo=SEOUL)
    assert release.headings == ("첫 창원공동관",)
    assert [attachment.name for attachment in release.attachments] == ["하노버-출장-결과.hwp"]


def test_the_front_matter_in_korean(tmp_path: Path) -> None:
    (release,) = read_example(2, tmp_path)
    assert (release.title, release.outlet, release.department) == (
        "창원특례시, 봄꽃 지도 펴내",
        "창원특례시",
        "관광과",
    )
    assert release.published_precision == "day"


def test_the_json_lines(tmp_path: Path) -> None:
    first, second = read_example(3, tmp_path)
    assert (first.outlet, first.published_precision) == ("산림청", "time")
    assert (second.body, second.subtitles) == ("", ("3만 그루 심어",))


def test_the_export(tmp_path: Path) -> None:
    (release,) = read_example(4, tmp_path)
    assert (release.id, release.outlet, release.department) == ("101", "창원특례시", "관광과")
    assert release.body.splitlines() == ["창원특례시가, 봄꽃길을 연다.", "길은 모두 열두 곳이다."]


@pytest.mark.parametrize("row", re.findall(r"^\| (`[a-z].*?) \|", GUIDE, re.MULTILINE))
def test_every_name_in_the_table_is_read_without_a_warning(row: str, tmp_path: Path) -> None:
    for name in re.findall(r"`(.+?)`", row):
        path = tmp_path / "a.md"
        value = "2023-04-25" if row.startswith(("`published", "`embargo")) else "값"
        path.write_text(f"---\n{name}: {value}\n---\n# 값\n\n본문이다.\n", "utf-8")
        (release,) = read_file(CorpusFile(path, "a.md"))
        assert isinstance(release, PressRelease)
