"""What `bodo search` and `bodo explain` print for a person."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from indexer.cli.search import _FEATURE_LABELS
from indexer.release import SEOUL
from indexer.search.rerank import FEATURES
from tests.support.desk import OTHER_TEXT, TEXT, Desk

LONG = "\n\n".join(
    f"{number}째 문단에서 창원시는 두루미 {number * 37}마리를 세었다고 밝혔다." for number in range(40)
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    corpus = desk.corpus
    (corpus / "두루미.txt").write_text(TEXT, "utf-8")
    (corpus / "까치.txt").write_text(OTHER_TEXT, "utf-8")
    (corpus / "synonyms.txt").write_text("학 > 두루미\n", "utf-8")
    for number in range(2):
        (corpus / f"긴{number}.txt").write_text(f"두루미를 세다 {number}\n\n{LONG}\n", "utf-8")
    later = datetime.now(SEOUL) + timedelta(days=1)
    head = f"---\ntitle: 황새가 온다\nembargo: {later.isoformat()}\n---\n"
    (corpus / "황새.md").write_text(f"{head}황새가 온다고 밝혔다.\n", "utf-8")
    (corpus / "두꺼비.md").write_text(
        "---\ntitle: 두꺼비\noutlet: 기획재정부\n---\n두꺼비를 본다.\n", "utf-8"
    )
    assert desk.run("reindex").exit_code == 0
    return desk


@pytest.mark.parametrize(
    ("query", "options", "lines"),
    [
        ("두루미", [], ["3건", "두루미가 돌아왔다", "본문이 거의 같은 것 외 1건", "날짜 없음"]),
        ("두루머", [], ["‘두루머’에 맞는 것이 없어", "찾을 수 있는 것"]),
        ("두루미 없는말씀", [], ["모든 낱말이 든 것이 없어 일부가 든 것을 보임"]),
        ("학", [], ["같은 말도 찾음: 학 = 두루미"]),
        ('"두루미', [], ["짝이 없는 따옴표"]),
        ("까치 창원시", [], ["낱말 일부가 든 것"]),
        ("황새", ["--embargoed"], ["엠바고: ", "부터 공개"]),
        ("황새", [], ["0건"]),
        ("재경부 두꺼비", [], ['기관 이름으로 읽음: 재경부 = 재정경제부, ', '이 기관이 낸 것 ("재경부"로 적으면 그 말만)']),
        ("재경부의 두꺼비", [], ['기관 이름으로 읽음: 재경부 = 재정경제부, ', '("재경부"로 적으면 그 말만)']),
        ("두꺼비 -재경부가", [], ['기관 이름으로 읽어 함께 뺌: 재경부 = 재정경제부, ', '(-"재경부"로 적으면 그 말만)']),
        ("두꺼비", ["--outlet", "재정경제부"], ["1건", "기획재정부(지금 재정경제부)"]),
        ("두꺼비", ["--outlet", "재정경제부", "--outlet", "기획재정부"], ["1건"]),
        ("두꺼비", ["--outlet", "기획예산처"], ["0건"]),
    ],
)  # fmt: skip
def test_a_person_is_told_what_was_found_and_how(
    desk: Desk, query: str, options: list[str], lines: list[str]
) -> None:
    done = desk.run("search", *options, query)
    assert done.exit_code == 0, done.output
    for line in lines:
        assert line in done.stdout


def test_an_explanation_names_each_part_of_the_score(desk: Desk) -> None:
    (release_id,) = desk.search_ids("까치")
    done = desk.run("explain", "까치 백 마리", release_id)
    assert done.exit_code == 0, done.output
    assert set(_FEATURE_LABELS) == set(FEATURES)
    for label in ("형태소", "음절쌍", "제목에 모두", "가까이 보기", "합", *_FEATURE_LABELS.values()):
        assert label in done.stdout
    other = desk.run("explain", "두루미", release_id)
    assert "다 맞지는 않습니다" in other.stdout
    record = json.loads(desk.run("explain", "--json", "까치", release_id).stdout)
    assert record["score"] == pytest.approx(
        sum(term["score"] for term in record["terms"]) + record["title_bonus"] + record["second_pass"]
    )
