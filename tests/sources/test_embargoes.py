"""Embargoes as press officers write them: without a year, with an edition of a newspaper, behind their time."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.release import SEOUL, PressRelease
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.extraction.release_fields import find_fields
from indexer.sources.formats.document import Field
from indexer.sources.problems import ReadProblem
from indexer.sources.recognizers.times import parse_time
from tests.support.corpus import refuse_one, write

EMBARGO: tuple[Field, ...] = ("embargo",)
BODY = "두루미시는 봄꽃길을 연다고 밝혔다. 길은 모두 열두 곳이며 시민 누구나 걸을 수 있다."


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SEOUL)  # type: ignore[misc,arg-type]


def read(file: CorpusFile) -> tuple[PressRelease, list[ReadProblem]]:
    *problems, release = read_file(file)
    assert isinstance(release, PressRelease), release
    return release, [item for item in problems if isinstance(item, ReadProblem)]


def record(
    folder: Path, body: str, date: str | None = "2026-12-29"
) -> tuple[PressRelease, list[ReadProblem]]:
    values = {"title": "봄꽃길 열린다", "body": body, "date": "2026-12-29"}
    return read(write(folder, "a.jsonl", json.dumps(values, ensure_ascii=False)))


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("보도시점 : 12. 30.(수) 조간부터", at(2026, 12, 30)),
        ("보도시점: 12월 30일(수) 12:00 이후 보도", at(2026, 12, 30, 12)),
        ("엠바고: 12.30. 09:00", at(2026, 12, 30, 9)),
        ("2026. 12. 30.(수) 12시까지 엠바고입니다", at(2026, 12, 30, 12)),
        ("12. 30.(수) 석간 엠바고", at(2026, 12, 30, 12)),
        ("★방송, 인터넷은 12.30.(수) 낮 12시부터 보도 가능★하오니 엠바고에 유의하여 주시기 바랍니다.", at(2026, 12, 30, 12)),
        ("보도시점 | 12/30(수) 오후 15시부터", at(2026, 12, 30, 15)),
        ("엠바고 해제 일시: 2026-12-30 09:00", at(2026, 12, 30, 9)),
        ("보도시점: 2026. 12. 30.(수) 석간", at(2026, 12, 30, 12)),
        ("보도시점: 2026. 12. 30. 이후", at(2026, 12, 30)),
        ("보도시점: (인터넷) 12. 29.(화) 12:00, (지면) 12. 30.(수) 조간", at(2026, 12, 29, 12)),
        ("보도시점: 12.30(수) 조간 / 배포: 2026. 12. 29.(화)", at(2026, 12, 30)),
        ("엠바고 14:00 이후", at(2026, 12, 29, 14)),
        ("15시 엠바고", at(2026, 12, 29, 15)),
        # Around New Year.
        ("보도시점: 1. 2.(토) 조간", at(2027, 1, 2)),
        ("보도시점: 12. 28.(월) 조간", at(2026, 12, 28)),
        ("보도시점: 1. 2.(금) 조간 / 배포: 2025. 12. 31.(수)", at(2026, 1, 2)),
    ],
)  # fmt: skip
def test_an_embargo_needs_no_year(tmp_path: Path, line: str, moment: datetime) -> None:
    release, problems = record(tmp_path, f"{line}\n\n{BODY}")
    assert (release.embargo_until, problems) == (moment, [])
    # A text file says when it was handed out.
    text = f"봄꽃길 열린다\n\n{line}\n배포: 2026. 12. 29.(화)\n\n{BODY}\n"
    if "배포" not in line:
        assert read(write(tmp_path, "b.txt", text))[0].embargo_until == moment


@pytest.mark.parametrize(
    "line",
    ["보도시점: 12. 30.(수) 조간", "엠바고: 12.30. 09:00", "보도시점: 조간", "15시 엠바고", "보도시점: 2026. 13. 40. 09:00"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.jsonl", "a.txt", "a.html"])
def test_an_embargo_that_cannot_be_read_is_told(tmp_path: Path, line: str, name: str) -> None:
    contents = {
        "a.jsonl": json.dumps({"title": "봄꽃길 열린다", "body": f"{line}\n\n{BODY}"}, ensure_ascii=False),
        "a.txt": f"봄꽃길 열린다\n\n{line}\n\n{BODY}\n",
        "a.html": f"<html><body><h1>봄꽃길 열린다</h1><p>{line}</p><p>{BODY}</p></body></html>",
    }
    file = write(tmp_path, name, contents[name])
    release, (problem,) = read(file)
    assert (release.embargo_until, problem.severity) == (None, "warning")
    assert "보도시점" in problem.reason
    if name != "a.jsonl":
        # Who has said it in the sidecar is not told again.
        side = tmp_path / "a.toml"
        side.write_text('embargo = "없음"\n')
        assert read(CorpusFile(file.path, name, side))[1] == []


@pytest.mark.parametrize(
    "line",
    [
        "보도시점: 즉시", "보도시점: 배포 즉시", "엠바고 없음", "엠바고\n홍보담당관실 (T)044-200-7071~3, 7078",
        "보도시점: 2026. 12. 30. 국회 본회의 통과 시", "보도시점: 12. 30.(수) 행사 종료 후", "엠바고 준수율은 12.5% 올랐다.",
    ],
)  # fmt: skip
def test_what_is_no_embargo_is_not_told(tmp_path: Path, line: str) -> None:
    release, problems = record(tmp_path, f"{line}\n\n{BODY}")
    assert (release.embargo_until, problems) == (None, [])


@given(st.datetimes(datetime(2008, 1, 1), datetime(2098, 12, 31)), st.dates(date(2000, 1, 1)))
def test_a_day_without_a_year_is_never_far_from_that_of_publication(day: datetime, embargo: date) -> None:
    line = f"보도시점: {embargo:%m}. {embargo:%d}.(수) 조간"
    for found in find_fields([line], EMBARGO, day.date()):
        # 29 February may be four years away, and is then none of the three years around.
        assert abs((parse_time(found.value)[0].date() - day.date()).days) <= 366
        if f"{embargo:%m%d}" != "0229":
            assert abs((parse_time(found.value)[0].date() - day.date()).days) <= 183


def test_the_page_says_the_year(tmp_path: Path) -> None:
    meta = '<meta property="article:published_time" content="2026-12-31T09:00:00+09:00">'
    page = f"<html><head>{meta}</head><body><h1>봄꽃길 열린다</h1><p>보도시점: 1. 4.(월) 조간</p><p>{BODY}</p></body></html>"
    assert read(write(tmp_path, "a.html", page))[0].embargo_until == at(2027, 1, 4)


def test_a_stated_embargo_needs_no_year_either(tmp_path: Path) -> None:
    values = {"title": "봄꽃길", "body": BODY, "date": "2026-12-29", "embargo": "12. 30.(수) 석간부터"}
    release, _ = read(write(tmp_path, "a.jsonl", json.dumps(values, ensure_ascii=False)))
    assert release.embargo_until == at(2026, 12, 30, 12)


@pytest.mark.parametrize("embargo", ["내일 정오쯤", "모레 12:00", "Y", "곧", "2. 30. 12:00"])
def test_another_day_than_that_of_publication_is_not_guessed(tmp_path: Path, embargo: str) -> None:
    values = {"title": "봄꽃길", "body": BODY, "date": "2026-12-29", "embargo": embargo}
    assert "엠바고" in refuse_one(tmp_path, "a.jsonl", json.dumps(values, ensure_ascii=False)).reason
