"""Records as portals export them: their dates, their entities, and what says nothing."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.release import SEOUL, PressRelease
from indexer.sources.extraction.named_fields import unescape_entities
from indexer.sources.recognizers.times import parse_time
from indexer.sources.recognizers.titles import subtitles_of
from tests.support.corpus import read_one, refuse_one


def read_record(folder: Path, **values: object) -> PressRelease:
    record = {"title": "봄꽃길 열린다", "body": "두루미시가 봄꽃길을 연다.", **values}
    return read_one(folder, "a.jsonl", json.dumps(record, ensure_ascii=False))


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=SEOUL)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("date", "moment", "precision"),
    [
        ("’23.4.25.", at(2023, 4, 25), "day"),
        ("'23. 4. 25.(화)", at(2023, 4, 25), "day"),
        ("′23.4.25.(화) 조간", at(2023, 4, 25), "day"),
        ("2023년 4월 25일 정오", at(2023, 4, 25, 12), "time"),
        ("2023. 4. 25.(화) 낮 12시", at(2023, 4, 25, 12), "time"),
        ("2023. 4. 25.(화) 오전 9시 반", at(2023, 4, 25, 9, 30), "time"),
        ("2023.4.25(화) 14:00 이후", at(2023, 4, 25, 14), "time"),
        ("2023. 4. 25. 24:00", at(2023, 4, 26), "time"),
        ("2023. 4. 25.(화) 배포", at(2023, 4, 25), "day"),
        ("20230425", at(2023, 4, 25), "day"),
        ("20230425093000", at(2023, 4, 25, 9, 30), "time"),
        ("23.4.25", at(2023, 4, 25), "day"),
        ("2023. 4. 25.(火)", at(2023, 4, 25), "day"),
        ("2023.4.25.화", at(2023, 4, 25), "day"),
        ("２０２３. ４. ２５.", at(2023, 4, 25), "day"),
        ("2023.04.25 PM 2:30", at(2023, 4, 25, 14, 30), "time"),
        ("2023. 4. 25. 밤 9시", at(2023, 4, 25, 21), "time"),
        ("2023. 4. 25.(화) 배포 즉시", at(2023, 4, 25), "day"),
        ("2023. 4. 25.(화) 석간부터", at(2023, 4, 25), "day"),
        ("Tue, 25 Apr 2023 00:28:00 +0000", at(2023, 4, 25, 9, 28), "time"),
        ("2023-04-25T00:28:00Z", at(2023, 4, 25, 9, 28), "time"),
    ],
)
def test_dates_are_read_as_documents_have_them(
    tmp_path: Path, date: str, moment: datetime, precision: str
) -> None:
    release = read_record(tmp_path, date=date)
    assert (release.published_at, release.published_precision) == (moment, precision)
    front = read_one(tmp_path, "a.md", f'---\ntitle: 소식\n날짜: "{date}"\n---\n글이다.\n')
    assert front.published_at == moment


@pytest.mark.parametrize(
    "date", ["어제", "4. 25.", "2023. 13. 1.", "2023-04-25 25:00", "2023. 4. 25. 13, 14시", "화"]
)
def test_what_is_no_date_is_told(tmp_path: Path, date: str) -> None:
    record = json.dumps({"title": "소식", "body": "글이다.", "date": date}, ensure_ascii=False)
    refusal = refuse_one(tmp_path, "a.jsonl", record)
    assert (date in refusal.reason, refusal.line) == (True, 1)


@pytest.mark.parametrize(
    ("embargo", "moment"),
    [
        ("2023. 4. 25.(화) 조간", at(2023, 4, 25)),
        ("2023. 4. 25.(화) 조간부터", at(2023, 4, 25)),
        ("’23.4.25.(화) 석간", at(2023, 4, 25, 12)),
        ("2023. 4. 25.(화) 정오 이후 보도", at(2023, 4, 25, 12)),
        ("2023년 4월 25일 오후 2시부터", at(2023, 4, 25, 14)),
        ("즉시", None),
        ("배포 즉시", None),
        ("즉시 보도", None),
        ("배포 시", None),
        ("해당 없음", None),
        ("-", None),
        ("국무회의 종료 후", None),
        ("2023. 4. 25.(화) 행사 종료 후", None),
        ("인터넷 2023. 4. 24. 12:00, 지면 2023. 4. 25. 조간", at(2023, 4, 24, 12)),
        ("’23.4.25.(화) 06:00 (4.25. 조간)", at(2023, 4, 25, 6)),
        ("2023-04-25T00:00:00Z", at(2023, 4, 25, 9)),
    ],
)
def test_embargoes_are_read_as_documents_have_them(
    tmp_path: Path, embargo: str, moment: datetime | None
) -> None:
    assert read_record(tmp_path, embargo=embargo).embargo_until == moment


@given(st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 30)))
def test_every_way_of_writing_a_day_is_that_day(moment: datetime) -> None:
    day = at(moment.year, moment.month, moment.day)
    for text in (
        f"{moment:%Y-%m-%d}", f"{moment:%Y.%m.%d}", f"{moment:%Y/%m/%d}", f"{moment:%Y%m%d}",
        f"{moment.year}. {moment.month}. {moment.day}.", f"{moment.year}년 {moment.month}월 {moment.day}일",
        f"{moment.year}. {moment.month}. {moment.day}.({'월화수목금토일'[moment.weekday()]}) 조간",
    ):  # fmt: skip
        assert parse_time(text) == (day, "day"), text


@pytest.mark.parametrize("embargo", ["조간", "내일", "2023. 13. 45. 2시부터", "2023. 4. 25. 오후 25시"])
def test_an_embargo_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path, embargo: str) -> None:
    record = json.dumps({"title": "소식", "body": "글이다.", "embargo": embargo}, ensure_ascii=False)
    assert "엠바고" in refuse_one(tmp_path, "a.jsonl", record).reason


# Entities


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&#039;봄꽃길&#039; 열린다&middot;두루미시", "'봄꽃길' 열린다·두루미시"),
        ("&amp;#039;봄꽃길&amp;#039; 열린다", "'봄꽃길' 열린다"),
        ("&amp;amp;middot;", "·"),
        ("&lt;봄꽃길&gt; &amp; &ldquo;장미길&rdquo;", "<봄꽃길> & “장미길”"),
        ("&#xB450;&#xb8e8;&#48120; 마을", "두루미 마을"),
        ("봄꽃&nbsp;길", "봄꽃 길"),
        ("&#xF53A;글과컴퓨터", "ᄒᆞᆫ글과컴퓨터"),
        ("AT&T와 R&D; 그리고 &모름; &middot", "AT&T와 R&D; 그리고 &모름; &middot"),
        ("a&b;c", "a&b;c"),
    ],
)
def test_well_formed_entities_are_letters(tmp_path: Path, written: str, meant: str) -> None:
    release = read_record(
        tmp_path, title=written, body=f"{written}\n\n둘째 문단.", subtitle=f"부제 {written}", outlet=written
    )
    assert (release.title, release.outlet, release.subtitles) == (meant, meant, (f"부제 {meant}",))
    assert release.body.splitlines() == [meant, "둘째 문단."]


@given(st.text(st.characters(exclude_characters="&\xa0", exclude_categories=["Cs"])))
def test_text_without_entities_stays(text: str) -> None:
    assert unescape_entities(text) == text


def test_an_entity_brings_no_control_character(tmp_path: Path) -> None:
    assert read_record(tmp_path, title="가&#7;나&#0;다").title.replace("\ufffd", "") == "가나다"


# What says nothing


@pytest.mark.parametrize(
    ("subtitle", "kept"),
    [
        ("봄꽃길 열린다", ()),
        ("- ‘봄꽃길’ 열린다 -", ()),
        ("봄꽃길\n열린다", ()),
        ("[보도자료] 봄꽃길 열린다", ()),
        ("봄꽃길 열린다\n- 4월 한 달 동안 -", ("4월 한 달 동안",)),
        ("봄꽃길 열린다, 4월까지", ("봄꽃길 열린다, 4월까지",)),
    ],
)
def test_a_subtitle_that_repeats_the_title_is_none(
    tmp_path: Path, subtitle: str, kept: tuple[str, ...]
) -> None:
    assert read_record(tmp_path, subtitle=subtitle).subtitles == kept


@given(st.lists(st.text("가나다 -", max_size=6), max_size=4), st.text("가나다 ", min_size=1, max_size=6))
def test_every_other_subtitle_stays(lines: list[str], title: str) -> None:
    kept = "".join(subtitles_of(lines, title)).replace(" ", "").replace("-", "")
    said = "".join(lines).replace(" ", "").replace("-", "")
    assert kept == said or title.replace(" ", "") in said


@pytest.mark.parametrize(
    "body",
    [
        "“이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.”",
        "이 자료는 과학기술정보통신부 국립전파연구원의 보도자료를 전재하여 제공함을 알려드립니다.",
        "&ldquo;이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.&rdquo;",
        "[자세한 내용은 첨부파일을 확인하시기 바랍니다.]\n\n“이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.”",
        "본 자료는 두루미시 보도자료를 그대로 전재하여 제공합니다.",
        "이 자료는 두루미시의 보도설명자료를 전재하여 제공함을 알려드립니다.",
        "두루미시 보도자료를 전재하여 제공함을 알려드립니다.",
        "<p>이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.</p>",
        "자세한 내용은 첨부파일을 참고하시기 바랍니다. 이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.",
    ],
)
def test_a_body_that_is_only_passed_on_is_none(tmp_path: Path, body: str) -> None:
    assert read_record(tmp_path, body=body).sections == ()


def test_a_body_with_that_line_below_keeps_its_text(tmp_path: Path) -> None:
    body = "두루미시가 봄꽃길을 연다.\n\n“이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다.”"
    assert read_record(tmp_path, body=body).body == "두루미시가 봄꽃길을 연다."
    said = (
        "시장은 이 자료는 두루미시의 보도자료를 전재하여 제공함을 알려드립니다라고 적은 곳을 살폈다고 밝혔다."
    )
    assert read_record(tmp_path, body=said).body == said
