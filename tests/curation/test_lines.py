"""The one reader of what people edit: lines, comments, a byte order mark, and what is wrong with a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.curation.files import CURATED_FILES, CuratedFile, find_line_problems
from indexer.curation.lines import LineProblem, parse_lines, read_lines
from indexer.curation.removals import Removals
from tests.conftest import ROOT


def test_lines_have_numbers_and_no_comments() -> None:
    assert list(read_lines("\ufeff가  # 말\r\n\n# 머리\n  나 \n")) == [(1, "가"), (4, "나")]


def test_an_id_may_hold_what_begins_a_comment_elsewhere() -> None:
    assert Removals("\ufeffa#1\n  # 정정\nb \n").ids == {"a#1", "b"}


def test_a_bad_line_is_named_and_the_others_are_read() -> None:
    numbers: list[int] = []
    problems = parse_lines("1\n둘\n3\n", lambda line: numbers.append(int(line)))
    assert numbers == [1, 3]
    assert [problem.line for problem in problems] == [2]


@pytest.mark.parametrize("file", CURATED_FILES, ids=lambda file: file.name)
@given(st.text(st.sampled_from('가나다 #=>,+"\n\r\ufeff\u2028\ud800NP')))
def test_no_text_of_a_curated_file_raises(file: CuratedFile, text: str) -> None:
    problems = file.parse(text).problems
    assert problems == sorted(problems, key=lambda problem: problem.line)
    assert all(problem.reason for problem in problems)
    # A byte order mark in front of a text is no part of it.
    if not text.startswith("\ufeff"):
        assert file.parse(f"\ufeff{text}").problems == problems


def test_problems_come_with_the_name_of_their_file() -> None:
    texts = {"outlets.txt": "과기부\n", "dictionary.txt": "에어팟\n가\n", "removed.txt": "1\n"}
    assert find_line_problems(texts) == [
        ("dictionary.txt", LineProblem(2, "낱말은 2자에서 40자까지입니다: 가")),
        ("outlets.txt", LineProblem(1, "‘이름 = 다른 이름, 다른 이름’으로 씁니다.")),
    ]


def test_the_readme_names_the_curated_files() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert not [file.name for file in CURATED_FILES if f"| `{file.name}` |" not in readme]
