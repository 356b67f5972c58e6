"""One release to read: its texts are all there, and marked where the query matches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.release import PressRelease, Section, identify
from indexer.search.reading import Lines
from indexer.search.response import Marked
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.services import index_only

ServiceOf = Callable[..., SearchService]

RELEASE = identify(
    PressRelease(
        id="hannover",
        title="하노버 산업박람회에 간 시장",
        subtitles=("독일 하노버에서 나흘", "협약 세 건"),
        outlet="창원특례시",
        contact="하노버팀 055-212-3456",
        sections=(
            Section("", ("시장은 하노버에 닿았다.", "이튿날 박람회장을 찾았다.")),
            Section("하노버의 하루", ("회사 셋을 만났다. 하노버를 떠났다.",), file="일정.hwp", page=2),
        ),
    )
)


def marked(text: Marked) -> list[str]:
    return [text.text[start:end] for start, end in text.ranges]


def test_every_text_is_marked_where_it_stands(service_of: ServiceOf) -> None:
    reading = service_of(RELEASE).read("hannover", "하노버")
    assert reading is not None
    assert [marked(text) for text in reading.texts] == [
        ["하노버"], ["하노버"], [], ["하노버"],
        [], ["하노버"], [],
        ["하노버"], ["하노버"],
    ]  # fmt: skip
    assert reading.marks == 6
    assert reading.sections[1].section is reading.release.sections[1]


@pytest.mark.parametrize("text", ["", "   ", "없는말", "\ud800", "-하노버", "매체:창원"])
def test_a_query_that_marks_nothing_leaves_the_texts(service_of: ServiceOf, text: str) -> None:
    reading = service_of(RELEASE).read("hannover", text)
    assert reading is not None
    assert (reading.release, reading.marks) == (RELEASE, 0)
    assert [text.text for text in reading.texts] == [
        RELEASE.title, *RELEASE.subtitles, RELEASE.contact, "", *RELEASE.sections[0].paragraphs,
        "하노버의 하루", *RELEASE.sections[1].paragraphs,
    ]  # fmt: skip


def test_there_is_no_release_of_another_id(service_of: ServiceOf) -> None:
    assert service_of(RELEASE).read("berlin", "하노버") is None


def test_a_release_without_a_body(service_of: ServiceOf) -> None:
    reading = service_of(replace(RELEASE, sections=(), contact="")).read("hannover", "하노버")
    assert reading is not None
    assert (reading.sections, reading.marks) == ((), 2)


@pytest.fixture(scope="module")
def changing(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> tuple[MemoryEngine, SearchService]:
    engine = MemoryEngine(tmp_path_factory.mktemp("reading"), analyzer)
    index_only(engine, [])
    return engine, SearchService(engine, analyzer)


LINES = st.lists(
    st.sampled_from(["하노버", "하노버에서", "박람회", " ", "🙂", "한\u1112\u1161", "x"]), min_size=1
).map("".join)


@given(
    title=LINES, subtitles=st.lists(LINES, max_size=3), body=st.lists(st.lists(LINES, max_size=3), max_size=3)
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_texts_are_whole_and_marks_say_the_word(
    changing: tuple[MemoryEngine, SearchService], title: str, subtitles: list[str], body: list[list[str]]
) -> None:
    engine, service = changing
    sections = tuple(Section("머리", tuple(paragraphs)) for paragraphs in body)
    release = identify(replace(release_of(title), id="r", subtitles=tuple(subtitles), sections=sections))
    index_only(engine, [release])
    reading = service.read("r", "하노버")
    assert reading is not None
    texts = reading.texts
    assert [text.text for text in texts if text.text] == [
        text for text in (title, *subtitles, *release.body.split("\n")) if text
    ]
    for text in texts:
        assert all(word.replace("하노버", "") == "" for word in marked(text))


@given(
    lines=st.lists(st.text("ab", max_size=5), min_size=1, max_size=6),
    cuts=st.lists(st.integers(0, 30), max_size=8, unique=True),
)
def test_ranges_are_shared_out_among_lines(lines: list[str], cuts: list[int]) -> None:
    text = "\n".join(lines)
    ends = sorted(cut for cut in cuts if cut <= len(text))
    ranges = [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=False) if start < end]
    cutter = Lines(ranges)
    start = 0
    for line in lines:
        shown = cutter.mark(line)
        assert shown.text == line
        covered = {start + offset for first, last in shown.ranges for offset in range(first, last)}
        expected = {offset for first, last in ranges for offset in range(first, last)}
        assert covered == expected & set(range(start, start + len(line)))
        start += len(line) + 1
