"""Whatever stands in a release is found by pasting it in quotation marks."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer, is_letter_or_digit
from indexer.engines.whoosh import WhooshEngine
from indexer.release import PressRelease
from indexer.search.request import SearchRequest
from indexer.search.service import SearchService
from indexer.text.normalize import normalize
from tests.conftest import ROOT, release_of
from tests.support.queries import quoted

SLOW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MADE = (
    "시민 1,000명이 모였다. 물가는 3.5% 올랐고, 예산은 1조 2,345억 6,700만 원이다.\n",
    "6·25 전쟁, 4.19 혁명, 5･18 민주화운동과 3·15의거를 기린다(2023. 4. 25.(화) 14:30).\n",
    "문의: 055-225-2114 / www.changwon.go.kr ☎ 문장 하나. 문장 둘? 셋! 넷… 다섯\n",
    "그는 “함께 가자”며 ‘탄소중립·녹색성장’을 말했다. ㈜이플로우(대표 홍ㅤ길동)의 Citroën C5\n",
    "① 12억 ② 34억 ▲ 4.0 ▲ LNI4.0 ▲ R&D 5G·6G, 大學入試, \uf53a글과컴퓨터 \U000f02b1 첫째\n",
    unicodedata.normalize("NFD", "풀어 쓴 글도 1,234.5배 찾는다. 각 시·도에서\n") + "두줄\r\n세줄\t네 칸",
)


@pytest.fixture(scope="module")
def releases() -> list[PressRelease]:
    lines = (ROOT / "tests" / "relevance" / "corpus.jsonl").read_text("utf-8").splitlines()
    own = [release_of(made["title"], made["text"], id=made["_id"]) for made in map(json.loads, lines)]
    return [*own, release_of("만든 글", "".join(MADE), id="made")]


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer, releases: list[PressRelease]
) -> SearchService:
    engine = WhooshEngine(tmp_path_factory.mktemp("pasting") / "index", analyzer)
    with engine.write() as writer:
        writer.put(releases)
        writer.commit({})
    return SearchService(engine, analyzer)


def found(service: SearchService, query: str) -> set[str]:
    answers = [service.search(SearchRequest(q=query, exact=True, limit=100))]
    while cursor := answers[-1].next:
        answers.append(service.search(SearchRequest(q=query, exact=True, limit=100, cursor=cursor)))
    return {release_id for answer in answers for hit in answer.hits for release_id in (hit.id, *hit.similar)}


@SLOW
@given(
    # One in three is of the last one, which holds what is hard.
    number=st.integers(0, 116) | st.just(116) | st.integers(100, 116),
    start=st.floats(0, 1, exclude_max=True), length=st.integers(1, 120), title=st.booleans(),
)  # fmt: skip
def test_a_passage_in_quotation_marks_finds_its_release(
    service: SearchService, releases: list[PressRelease], number: int, start: float, length: int, title: bool
) -> None:
    release = releases[number]
    text = release.title if title else release.body
    first = int(start * len(text))
    passage = text[first : first + length]
    behind = text[first + length : first + length + 1]
    # Half a letter is no letter.
    halved = any("\u1160" <= char <= "\u11ff" for char in (passage[:1], behind))
    if not halved and any(map(is_letter_or_digit, normalize(passage).text)):
        assert release.id in found(service, quoted(passage))


@pytest.mark.parametrize("text", ["3.5", "3,5", "3 5", "35"])
def test_digits_are_apart_where_they_are_apart(tmp_path: Path, analyzer: Analyzer, text: str) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        writer.put([release_of("알림", f"값은 {text} 이다", id="a")])
        writer.commit({})
    service = SearchService(engine, analyzer)
    assert bool(found(service, '"35"')) == (text == "35")
    assert bool(found(service, '"3.5"')) == (text != "35")
