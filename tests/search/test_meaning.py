"""The definition of the text nodes: what matches is marked, at the characters that a person wrote."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import Analyzer, letters_and_digits
from indexer.engine import And, NgramPhrase, Not, Or, Phrase, Prefix, Term, TextNode
from indexer.engine.meaning import AnalysedRelease, analyse, find_spans, matches
from indexer.schema import TEXT_FIELDS
from indexer.text.normalize import normalize
from tests.conftest import release_of

WORDS = (
    "창원", "하노버", "박람회", "산업 박람회", "비급여", "급여", "환경부", "산하", "지방공무원인재개발원",
    "탐방로", "지은", "하자", "5. 18.", "3.5", "35", "2012", "COVID-19", "㈜한국", "大學", "가", "🎉",
)  # fmt: skip
JOINTS = ("", " ", "을 ", "에서 ", ". ", "\n", "-", ", ", "()")
FORMS = ("NFC", "NFD", "full-width")


def in_form(text: str, form: str) -> str:
    if form == "full-width":
        return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(JOINTS)), max_size=8).map(
    lambda pieces: "".join(word + joint for word, joint in pieces)
)
releases = st.builds(
    lambda title, subtitle, body, form: release_of(
        in_form(title, form), in_form(body, form), id="a", subtitles=(in_form(subtitle, form),)
    ),
    texts,
    texts,
    texts,
    st.sampled_from(FORMS),
)


def nodes_of(analysed: AnalysedRelease, draw: st.DrawFn) -> TextNode:
    """A node of the characters or morphemes of the release, or of other words."""
    field = draw(st.sampled_from(["", "title", "subtitle", "body"]))
    text = analysed.fields[field or draw(st.sampled_from(["title", "subtitle", "body"]))]
    terms = [token.term for token in text.morphemes] or list(WORDS[:3])
    chars = letters_and_digits(normalize(text.text).text)[0] or "창원"
    start = draw(st.integers(0, len(chars) - 1))
    piece = chars[start : start + draw(st.integers(1, 6))]
    if draw(st.booleans()):
        piece = letters_and_digits(normalize(draw(st.sampled_from(WORDS[:15]))).text)[0]
    kind = draw(st.sampled_from(["term", "phrase", "ngrams", "prefix"]))
    if kind == "term":
        return Term(draw(st.sampled_from(terms)), field)
    if kind == "phrase":
        first = draw(st.integers(0, len(terms) - 1))
        return Phrase(tuple(terms[first : first + draw(st.integers(1, 3))]), field)
    if len(piece) < 2:
        return NgramPhrase(piece, field, "none")
    if kind == "prefix":
        return Prefix(piece, field)
    return NgramPhrase(piece, field, draw(st.sampled_from(["both", "form", "begin", "either", "none"])))


@st.composite
def cases(draw: st.DrawFn, analyzer: Analyzer) -> tuple[AnalysedRelease, Sequence[TextNode]]:
    (analysed,) = analyse([draw(releases)], analyzer)
    return analysed, [nodes_of(analysed, draw) for _ in range(4)]


@given(st.data())
def test_a_text_node_has_spans_exactly_where_it_matches(analyzer: Analyzer, data: st.DataObject) -> None:
    analysed, nodes = data.draw(cases(analyzer))
    for index, node in enumerate(nodes):
        spans = [span for span in find_spans(nodes, analysed) if span.node == index]
        assert bool(spans) == matches(node, analysed) == bool(find_spans([node], analysed))
        for span in spans:
            assert node.field in ("", span.field)
            assert 0 <= span.start < span.end <= len(analysed.fields[span.field].text)
    # Both have the spans of all text nodes in them.
    of_any = find_spans([Or(tuple(nodes))], analysed)
    assert of_any == find_spans([And(tuple(nodes))], analysed)
    assert {span[:3] for span in of_any} == {span[:3] for span in find_spans(nodes, analysed)}
    assert find_spans([Not(nodes[0])], analysed) == []


@given(st.data())
def test_spans_of_characters_cut_what_was_written(analyzer: Analyzer, data: st.DataObject) -> None:
    """What is cut out spells the phrase, whatever its form, and not one character of a neighbour."""
    analysed, nodes = data.draw(cases(analyzer))
    for node in nodes:
        if not isinstance(node, NgramPhrase):
            continue
        for span in find_spans([node], analysed):
            text = analysed.fields[span.field].text
            surface = text[span.start : span.end]
            # One character may stand for several letters (㈜), of which a phrase has the first or last.
            assert node.chars in letters_and_digits(normalize(surface).text)[0]
            # No cut goes through a syllable that is written in several characters.
            for cut in (span.start, span.end):
                before, behind = (unicodedata.normalize("NFC", part) for part in (text[:cut], text[cut:]))
                assert before + behind == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("node", "written"),
    [
        (Term("하노버"), "하노버"),
        (NgramPhrase("시내버스"), "시내 버스"),
        (NgramPhrase("covid19", borders="none"), "COVID-19"),
        (Prefix("하노"), "하노버"),
        (Term("2012"), "2012"),
    ],
)
def test_any_form_is_marked_as_it_was_written(
    analyzer: Analyzer, form: str, node: TextNode, written: str
) -> None:
    text = in_form("가 나, 하노버의 시내 버스와 COVID-19를 2012년에 보았다.", form)
    (analysed,) = analyse([release_of("제목", text, id="a")], analyzer)
    (body,) = (field.read(analysed.release) for field in TEXT_FIELDS if field.name == "body")
    surfaces = {body[span.start : span.end] for span in find_spans([node], analysed)}
    assert in_form(written, form) in surfaces
