"""What stands above the title: masthead and times go, everything else is kept and can be searched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.recognizers.masthead import flag_masthead, is_emblem
from tests.support.corpus import read_one
from tests.support.documents import docx_of, hwpx, paragraph, pdf, run, table, word, word_table

TITLE = "진해에서 봄꽃 축제 열린다"
LEAD = "창원특례시(시장 홍길동)는 25일 진해에서 봄꽃 축제를 연다고 밝혔다."
TIMES = [["배포", "2023. 4. 3.(월) 09:00", "보도시점", "2023. 4. 4.(화) 12:00"]]


def big(text: str) -> str:
    return word(run(text, '<w:sz w:val="44"/>'))


def lines_of(folder: Path, *above: str) -> list[str]:
    return read_one(folder, "a.docx", docx_of(*above, big(TITLE), word(LEAD))).body.splitlines()


@pytest.mark.parametrize(
    ("above", "kept"),
    [
        (word(run("수출 일조원 시대 연다", '<w:sz w:val="28"/>')), ["수출 일조원 시대 연다"]),
        (
            word_table(["행사명", "봄꽃 한마당"], ["장소", "진해루"]),
            ["행사명 | 봄꽃 한마당", "장소 | 진해루"],
        ),
        (
            word_table(["담당 부서", "관광과", "책임자", "과장 김철수 (055-123-4567)"]),
            ["담당 부서 | 관광과 | 책임자 | 과장 김철수 (055-123-4567)"],
        ),
        (word("문의: 관광과 이영희 주무관 055-123-4568"), ["문의: 관광과 이영희 주무관 055-123-4568"]),
        (word("※ 이 자료는 4월 4일부터 쓸 수 있습니다"), ["※ 이 자료는 4월 4일부터 쓸 수 있습니다"]),
        (word("진해구청"), ["진해구청"]),
        # A table of times with a row that is none.
        (word_table(*TIMES, ["행사 장소", "여좌천"]), ["행사 장소 | 여좌천"]),
    ],
)
def test_what_stands_above_the_title_is_kept(tmp_path: Path, above: str, kept: list[str]) -> None:
    assert lines_of(tmp_path, above) == [*kept, LEAD]


@pytest.mark.parametrize(
    "above",
    [
        word("보도자료"),
        word("보 도 참 고 자 료"),
        word("창원특례시 보도자료"),
        word("창원특례시 보도자료 제2023-123호"),
        word_table(["다시 대한민국! 새로운 국민의 나라", "보도자료"]),
        word_table(["창원특례시", "보도자료"]),
        word("창원특례시"),
        word_table(*TIMES),
        word_table(["보도시점", "(인터넷) 2023. 4. 3.(월) 12:00"], ["", "(지 면) 2023. 4. 4.(화) 조간"]),
        word_table(
            ["보도일시", "2023. 4. 4.(화) 국회 본회의 통과 시"], ["총 5쪽(붙임 2쪽 포함)", "사진 있음"]
        ),
        word("보도시점 : 2023. 4. 3.(월) 11:00 이후(4. 4.(화) 조간) / 배포 : 2023. 4. 3.(월)"),
        word("2023. 4. 4.(화) 조간부터 보도하여 주시기 바랍니다. 배포 즉시 인터넷 사용 가능")
        + word("엠바고 없음"),
    ],
)
def test_masthead_and_times_are_no_text(tmp_path: Path, above: str) -> None:
    lines = lines_of(tmp_path, above)
    assert lines in (
        [LEAD],
        ["2023. 4. 4.(화) 조간부터 보도하여 주시기 바랍니다. 배포 즉시 인터넷 사용 가능", LEAD],
    )


def test_a_table_with_the_title_keeps_its_other_rows(tmp_path: Path) -> None:
    named = table([["제목", TITLE], ["행사 장소", "진해루"], ["배포일시", "2023. 4. 3. 09:00"]])
    release = read_one(tmp_path, "a.hwpx", hwpx(paragraph("보도자료"), named, paragraph(LEAD)))
    assert (release.title, release.body.splitlines()) == (TITLE, ["행사 장소 | 진해루", LEAD])


def test_the_margin_of_a_page_is_kept_where_it_is_no_running_head(tmp_path: Path) -> None:
    pages = [
        [
            (60.0, 30.0, 9.0, "첫 쪽에만 있는 문장이다."),
            (60.0, 100.0, 22.0, TITLE),
            (60.0, 200.0, 10.0, LEAD),
        ],
        [(60.0, 200.0, 10.0, "둘째 쪽의 글이다.")],
    ]
    body = read_one(tmp_path, "a.pdf", pdf(*pages)).body
    assert body.splitlines() == ["첫 쪽에만 있는 문장이다.", LEAD, "둘째 쪽의 글이다."]


SENTENCES = st.sampled_from(
    [
        "보도자료를 낸 까닭",
        "배포된 씨앗 3천 봉지",
        "사진 공모전",
        "총 5개 마을이 함께",
        "오늘부터 봄꽃을 본다",
        "문의 전화",
    ]
)


@given(st.lists(SENTENCES, min_size=1, max_size=4))
def test_sentences_are_no_furniture(lines: list[str]) -> None:
    assert not any(flag_masthead(lines))


@pytest.mark.parametrize(
    "line", ["보도자료 | 공보관 055-225-2114", "보도자료 배포 방식을 바꾼다", "설명 | 봄꽃 축제"]
)
def test_an_emblem_says_nothing_else(line: str) -> None:
    assert not is_emblem(line)
