"""The engine finds what the nodes mean, and marks it, whatever releases and queries hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engine import (
    And,
    DateRange,
    FacetIn,
    Ids,
    NgramPhrase,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Search,
    Term,
    find_docs,
)
from indexer.engine.meaning import analyse, find_spans, matches
from indexer.errors import BodoError
from indexer.release import SEOUL, PressRelease
from tests.conftest import release_of
from tests.support.engines import ANALYZER, commit_releases
from tests.support.opensearch_archive import Archive
from tests.support.snapshots import spans_in, versions

LONG_WORD = "a" * 40_000
LONG_ID = "가" * 2_000
SPACES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2007\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
# Pieces of texts: words of which others are made, marks, and what may break a text of tokens, JSON or Java.
PIECES = (
    "창원시", "비급여", "급여", "시내버스", "시내 버스", "하노버", "2023", "3.5", "12", "hannover", "Ａ１㎞", "ㅋㅋ", "가",
    unicodedata.normalize("NFD", "창원시 하노버"), "ﾊﾝｸﾞﾙ", "ｱ", "😀", "👨‍👩‍👧", "🇰🇷", "𠀀𠀁", "|", "||", "%20;", "%", '"', "\\",
    "\\u0041", "\0", "\x1b[31m", "</script>", "<b>", "{}", "\ufffd", "\U0010fffd", "\u0301", "ß", "İ", "٣", "①", "ǆ", *SPACES,
)  # fmt: skip
TEXT = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=8
).map("".join)
NAME = st.lists(
    st.sampled_from([*PIECES, "\ud800", "\udcff"]) | st.text(st.characters(), max_size=3),
    min_size=1,
    max_size=4,
)
PATH = NAME.map("".join)


@st.composite
def release(draw: st.DrawFn) -> PressRelease:
    year, day = draw(st.integers(1, 9_998)), draw(st.integers(1, 28))
    return release_of(
        draw(TEXT),
        draw(TEXT),
        id=draw(PATH),
        outlet=draw(TEXT),
        subtitles=tuple(draw(st.lists(TEXT, max_size=2))),
        contact=draw(TEXT),
        source_path=draw(PATH),
        published=draw(st.sampled_from(["", f"{year:04}-01-{day:02}T00:00", "2024-01-01T09:00"])),
    )


RELEASES = st.lists(release(), min_size=1, max_size=6, unique_by=lambda one: one.id)
FIELD = st.sampled_from(["", "title", "subtitle", "contact", "body"])
MOMENT = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9998, 1, 1)).map(
    lambda at: at.replace(tzinfo=SEOUL)
)


def _all_terms(releases: Sequence[PressRelease]) -> tuple[list[str], list[str]]:
    """The morphemes of the releases, and their letters in rows."""
    analysed = analyse(releases, ANALYZER)
    texts = [text for one in analysed for text in one.fields.values()]
    return sorted({token.term for text in texts for token in text.morphemes}), [
        text.letters for text in texts
    ]


@st.composite
def nodes_of(draw: st.DrawFn, releases: Sequence[PressRelease]) -> Node:
    """A node that has to do with the releases."""
    terms, letters = _all_terms(releases)
    term = st.sampled_from([*terms, "없는말", "%", "|", "%20;"])
    rows = [row for row in letters if row] or ["가"]

    @st.composite
    def piece(draw: st.DrawFn, least: int) -> str:
        row = draw(st.sampled_from(rows))
        start = draw(st.integers(0, max(len(row) - least, 0)))
        found = row[start : start + draw(st.integers(least, 5))]
        return found if len(found) >= least else "가나"

    leaf: st.SearchStrategy[Node] = st.one_of(
        st.builds(Term, term, FIELD),
        st.builds(Phrase, st.lists(term, min_size=1, max_size=3).map(tuple), FIELD),
        st.builds(NgramPhrase, piece(2), FIELD, st.sampled_from(["both", "form", "begin", "either"])),
        st.builds(NgramPhrase, piece(1), FIELD, st.just("none")),
        st.builds(Prefix, piece(2), FIELD),
        st.builds(
            Ids, st.lists(st.sampled_from([*(one.id for one in releases), "none"]), max_size=3).map(tuple)
        ),
        st.builds(
            FacetIn, st.just("outlet"), st.lists(st.sampled_from([one.outlet for one in releases])).map(tuple)
        ),
        st.builds(DateRange, MOMENT, MOMENT),
    )

    def several(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[tuple[Node, ...]]:
        return st.lists(inner, max_size=3).map(tuple)

    return draw(
        st.recursive(
            leaf,
            lambda inner: st.one_of(
                st.builds(And, several(inner)), st.builds(Or, several(inner)), st.builds(Not, inner)
            ),
            max_leaves=5,
        )
    )


def check(archive: Archive, releases: Sequence[PressRelease], nodes: Sequence[Node]) -> None:
    """Make `releases` the archive, and compare what it answers with what the nodes mean."""
    engine = archive.engine(keep=0, timeout_s=60)
    with engine.write(fresh=True) as writer:
        writer.put(releases)
        writer.commit({one.source_path: one.content_hash for one in releases})
    snapshot = engine.open()
    try:
        ids = [one.id for one in releases]
        found = versions(snapshot)
        assert {one.id: (one.content_hash, one.source_path) for one in releases} == {
            name: (one.content_hash, one.source_path) for name, one in found.items()
        }
        assert snapshot.source_digests == {one.source_path: one.content_hash for one in releases}
        docs = find_docs(snapshot, ids)
        assert snapshot.fetch([docs[name].ref for name in ids]) == list(releases)
        analysed = analyse(releases, archive.analyzer)
        expected = [{one.release.id for one in analysed if matches(node, one)} for node in nodes]
        for node, matching in zip(nodes, expected, strict=True):
            results = snapshot.search(Search(query=node, sort="newest", limit=50))
            assert {doc.id for doc in results.docs} == matching, node
            assert results.total == len(matching)
        assert snapshot.count(nodes) == [len(matching) for matching in expected]
        assert spans_in(snapshot, archive.analyzer, ids, nodes) == [
            find_spans(nodes, one) for one in analysed
        ]
    finally:
        snapshot.close()


@given(data=st.data())
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_releases_are_found_as_they_mean(archive: Archive, data: st.DataObject) -> None:
    releases = data.draw(RELEASES)
    check(archive, releases, [data.draw(nodes_of(releases)) for _ in range(12)])


def test_chosen_releases_are_found_as_they_mean(archive: Archive) -> None:
    every = "".join(f"창원{piece}하노버 " for piece in PIECES)
    releases = [
        release_of(LONG_WORD, f"{LONG_WORD}\n{'가나다라' * 10_000}", id=LONG_ID, source_path="\udcff/가.txt"),
        release_of(LONG_WORD[:-1] + "b", "가" * 40_000, id=LONG_ID + "나"),
        release_of(
            every, every, id=every, outlet=every, contact=every, subtitles=(every, every), source_path=every
        ),
        release_of("빈 것", "", id="\0", published=""),
        release_of("이름", "", id=" ", outlet="시" * 8_000),
        release_of("", "제목이 없다.", id="_doc"),
        release_of("짝", "", id="\ud800\udc00a\udfff"),
        release_of("기호 하나", ".", id="."),
        release_of("먼 날", "먼 날이다.", id="far", published="9998-12-31T23:59"),
        release_of("이른 날", "이른 날이다.", id="early", published="0001-01-02T00:00"),
    ]
    terms, letters = _all_terms(releases)
    nodes: list[Node] = [
        *(Term(term) for term in terms if len(term) < 2_000),
        *(Term(term, "title") for term in terms[:20]),
        Term(LONG_WORD),
        Term(LONG_WORD[:-1] + "b"),
        Prefix("aaaa"),
        Prefix("가나다"),
        NgramPhrase("aaaab", borders="none"),
        NgramPhrase(LONG_WORD[:50], borders="none"),
        NgramPhrase("가" * 50, borders="none"),
        NgramPhrase("가나다라가나다라", "body"),
        *(NgramPhrase(row[at : at + 3], borders="none") for row in letters for at in range(0, min(len(row), 300) - 3, 23)),
        *(NgramPhrase(row[at : at + 3]) for row in letters for at in range(0, min(len(row), 300) - 3, 23)),
        *(Ids((one.id,)) for one in releases),
        FacetIn("outlet", (every, "시" * 8_000, "")),
        FacetIn("outlet", ("",)),
        DateRange(datetime(9998, 1, 1, tzinfo=SEOUL)),
        DateRange(None, datetime(1, 1, 3, tzinfo=SEOUL)),
    ]  # fmt: skip
    check(archive, releases, nodes)


def test_what_no_cluster_takes_is_named(archive: Archive) -> None:
    """An id past what Lucene takes as a term."""
    long = "가" * 20_000
    with pytest.raises(BodoError, match="1건을 받지 않았습니다"):
        commit_releases(archive.engine(), [release_of("제목", id=long), release_of("다른 제목", id="b")])


def test_a_changed_release_is_found_as_it_is_now(archive: Archive, analyzer: Analyzer) -> None:
    """Ids of any kind name the same document each time."""
    ids = [LONG_ID, "\ud800", "\0", " ", "_doc", "a/b?c#d", "\U0010fffd", "😀"]
    before = [release_of("앞의 소식", id=name) for name in ids]
    commit_releases(archive.engine(), before)
    after = [release_of("고친 소식", id=name) for name in ids[::2]]
    commit_releases(archive.engine(), after, removed=ids[1::2])
    snapshot = archive.engine().open()
    assert versions(snapshot).keys() == set(ids[::2])
    assert snapshot.count([Term("앞")]) == [0]
    assert snapshot.info.documents == len(after)
    snapshot.close()
