from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.search.marks import merge_ranges
from indexer.search.response import Marked, mark
from indexer.search.snippets import (
    ELLIPSIS,
    LINE_BREAK,
    MAX_SNIPPET_CHARS,
    MAX_SNIPPETS,
    Sentences,
    WordRange,
    make_snippets,
)


def made_snippets(text: str, matches: list[WordRange]) -> tuple[Marked, ...]:
    made = make_snippets(text, matches)
    assert all(0 <= start < len(text) for start, _ in made)
    return tuple(marked for _, marked in made)


def places(text: str, *words: str) -> list[WordRange]:
    return [
        WordRange(start, start + len(word), number)
        for number, word in enumerate(words)
        for start in range(len(text))
        if text.startswith(word, start)
    ]


def squeezed(text: str) -> str:
    """Without what shows lines and cuts."""
    return re.sub(rf"[\s·{ELLIPSIS}]", "", text)


def test_lines_that_are_no_sentences_are_told_apart() -> None:
    text = "1. 추진 배경\n\n창원시는 독일에\n간다. \n끝으로 “좋다.”\n다음"
    (snippet,) = made_snippets(text, places(text, "배경", "창원", "독일", "간다", "다음"))
    assert snippet.text == "1. 추진 배경 · 창원시는 독일에 · 간다. 끝으로 “좋다.” 다음"
    marked = [snippet.text[a:b] for a, b in snippet.ranges]
    assert marked == ["배경", "창원", "독일", "간다", "다음"]
    (across,) = made_snippets("가나\n  다라", [WordRange(1, 6, 0)])
    assert across.text == "가나 · 다라"
    assert across.ranges == ((1, 6),)


def test_sentences_end_with_their_marks_and_lines() -> None:
    text = "그는 “좋다.” 했다. 4.0은 수다.\n머리글\n\n  1. 2023. 4. 25. 끝!"
    sentences = Sentences(text)
    ranges = [sentences.range(number) for number in range(len(sentences))]
    assert [text[a:b] for a, b in ranges if a < b] == [
        "그는 “좋다.”", "했다.", "4.0은 수다.", "머리글", "1. 2023. 4. 25. 끝!",
    ]  # fmt: skip


def test_without_a_match_the_beginning_is_shown() -> None:
    assert [s.text for s in made_snippets("첫 문장이다. 둘째다.", [])] == ["첫 문장이다. 둘째다."]
    assert made_snippets("", []) == ()
    (snippet,) = made_snippets("가" * 1000, [])
    assert snippet.text == "가" * MAX_SNIPPET_CHARS + ELLIPSIS


def test_whole_sentences_around_the_match() -> None:
    text = "앞 문장이다. " * 20 + "창원이 있다. 뒤 문장이다." + " 또 있다." * 40
    (snippet,) = made_snippets(text, places(text, "창원"))
    assert snippet.text.startswith("창원이 있다. 뒤 문장이다.")
    assert snippet.text.endswith("또 있다.")
    assert snippet.html.startswith("<mark>창원</mark>이 있다.")


def test_a_long_sentence_is_cut_at_spaces_with_ellipses() -> None:
    text = "낱말 " * 200 + "창원 " + "낱말 " * 200
    (snippet,) = made_snippets(text, places(text, "창원"))
    assert snippet.text.startswith(ELLIPSIS + "낱말")
    assert snippet.text.endswith("낱말" + ELLIPSIS)
    assert "<mark>창원</mark>" in snippet.html


def test_places_with_more_words_come_first_and_text_order_is_kept() -> None:
    filler = "아무 상관이 없는 긴 문장이 여기에 이렇게 이어진다. " * 8
    text = filler + "독일이다. " + filler + "출장과 독일이다. " + filler + "출장이다." + filler + "독일."
    snippets = made_snippets(text, places(text, "독일", "출장"))
    assert len(snippets) == MAX_SNIPPETS
    assert any("출장과 독일" in snippet.text for snippet in snippets)


@given(
    st.text(alphabet=st.sampled_from("가나다 .\n!?”<&"), max_size=600),
    st.lists(st.tuples(st.integers(0, 599), st.integers(1, 12), st.integers(0, 3)), max_size=30),
)
@example(" ", [(0, 1, 0)])
def test_any_text_and_matches(text: str, raw: list[tuple[int, int, int]]) -> None:
    matches = [WordRange(a, a + n, word) for a, n, word in raw if a + n <= len(text)]
    snippets = made_snippets(text, matches)
    assert len(snippets) <= MAX_SNIPPETS
    for snippet in snippets:
        assert "\n" not in snippet.text
        assert squeezed(snippet.text) in squeezed(text)
        breaks = snippet.text.count(LINE_BREAK) * len(LINE_BREAK)
        assert len(snippet.text) <= MAX_SNIPPET_CHARS + 2 * len(ELLIPSIS) + breaks
        marked = "".join(snippet.text[a:b] for a, b in snippet.ranges)
        assert len(squeezed(marked)) <= len({place for a, n, _ in raw for place in range(a, a + n)})
        assert list(snippet.ranges) == sorted(snippet.ranges)
        assert all(0 <= a < b <= len(snippet.text) for a, b in snippet.ranges)


@given(st.text(), st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5))))
def test_marks_escape_everything_and_lose_nothing(text: str, raw: list[tuple[int, int]]) -> None:
    ranges = merge_ranges([(a, min(a + n, len(text))) for a, n in raw if a < len(text)])
    html = mark(text, ranges)
    assert html.count("<mark>") == html.count("</mark>") == len(ranges)
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare
    assert mark(text, ()) == bare


@pytest.mark.parametrize(
    ("ranges", "merged"),
    [
        ([], ()),
        ([(3, 4), (0, 1)], ((0, 1), (3, 4))),
        ([(0, 2), (2, 3)], ((0, 3),)),
        ([(0, 5), (1, 2)], ((0, 5),)),
    ],
)
def test_merge_ranges(ranges: list[tuple[int, int]], merged: tuple[tuple[int, int], ...]) -> None:
    assert merge_ranges(ranges) == merged
