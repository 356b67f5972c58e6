"""The index is a real Whoosh index: Whoosh's own searcher and queries, against a count by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer, Token
from indexer.engine import And, Borders, NgramPhrase, Node, Not, Or, Phrase, ScoringTerm, Search, Term, TopK
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.bridge.codec import ArraySegment
from indexer.engines.whoosh.query.deadline import Deadline
from indexer.engines.whoosh.query.scorer import Scorer
from indexer.engines.whoosh.query.term_postings import LookupCosts
from indexer.engines.whoosh.query.top_k import Pruning, find_top
from indexer.engines.whoosh.store.generations import Generations
from indexer.release import PressRelease
from indexer.weights import WEIGHTS
from tests.conftest import release_of
from tests.support.segments import open_segments

WORDS = st.sampled_from(
    [
        "창원",
        "독일",
        "출장",
        "박람회",
        "산업박람회",
        "비급여",
        "급여",
        "정부 산하",
        "수소",
        "4.0",
        "AI",
        "는",
        "시내버스",
    ]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@st.composite
def corpora(draw: st.DrawFn) -> list[list[PressRelease]]:
    """Batches of releases, a commit each; later ones replace some of the earlier."""
    return [
        [
            release_of(draw(TEXTS), draw(TEXTS), id=f"r{number}", subtitles=(draw(TEXTS),))
            for number in draw(st.sets(st.integers(0, 8), min_size=1, max_size=5))
        ]
        for _ in range(draw(st.integers(1, 4)))
    ]


def build(
    folder: Path, analyzer: Analyzer, batches: list[list[PressRelease]], removed: set[str]
) -> dict[str, PressRelease]:
    engine = WhooshEngine(folder, analyzer)
    expected: dict[str, PressRelease] = {}
    for batch in batches:
        with engine.write() as writer:
            writer.put(batch)
            writer.commit({})
        expected |= {release.id: release for release in batch}
    with engine.write() as writer:
        writer.remove(removed)
        writer.commit({})
    return {key: release for key, release in expected.items() if key not in removed}


def fields_of(release: PressRelease, analyzer: Analyzer) -> dict[str, list[Token]]:
    return {name: analyzer.tokens(getattr(release, name)) for name in ("title", "subtitle", "body")}


def has_phrase(tokens: list[Token], terms: tuple[str, ...]) -> bool:
    places = {(token.term, token.position) for token in tokens}
    return any(
        all((term, start + step) in places for step, term in enumerate(terms))
        for start in {token.position for token in tokens}
    )


def matches(node: Node, release: PressRelease, analyzer: Analyzer) -> bool:
    """The plain meaning of a tree, a release at a time."""
    fields = fields_of(release, analyzer)
    match node:
        case Term(text, field):
            return any(token.term == text for name in fields if field in ("", name) for token in fields[name])
        case Phrase(terms, field):
            return any(has_phrase(fields[name], terms) for name in fields if field in ("", name))
        case NgramPhrase(syllables, field, borders):
            texts = [getattr(release, name) for name in fields if field in ("", name)]
            return any(has_run(analyzer.bigrams(text), syllables, borders) for text in texts)
        case And(nodes):
            return all(matches(child, release, analyzer) for child in nodes)
        case Or(nodes):
            return any(matches(child, release, analyzer) for child in nodes)
        case Not(child):
            return not matches(child, release, analyzer)
    raise AssertionError(node)


def has_run(bigrams: list[Token], syllables: str, borders: Borders) -> bool:
    for first in range(len(bigrams) - max(len(syllables) - 2, 0)):
        run = bigrams[first : first + max(len(syllables) - 1, 1)]
        letters = "".join(token.term[0] for token in run) + (run[-1].term[1:] if len(syllables) > 1 else "")
        if letters != syllables:
            continue
        begin, end = run[0].tag[0], run[-1].tag[-1]
        cut = syllables[-1].isascii() and end not in "|:" and borders != "begin"
        broken = any("/" in token.tag for token in run)
        if borders == "none":
            digits = [a.isdigit() and b.isdigit() for a, b in itertools.pairwise(syllables)]
            if not any(own and "/" in token.tag for own, token in zip(digits, run, strict=False)):
                return True
        elif begin != "!" and not broken and not cut and {
            "both": begin == "|" and end == "|", "form": begin == "|" and end in "|:",
            "begin": begin == "|", "either": begin == "|" or end == "|",
        }[borders]:  # fmt: skip
            return True
    return False


LEAVES = st.one_of(
    st.builds(Term, st.sampled_from(["창원", "독일", "박람", "급여", "비급여", "4.0", "ai"]), st.sampled_from(["", "title", "body"])),
    st.builds(Phrase, st.sampled_from([("독일", "출장"), ("박람", "회"), ("창원", "독일")]), st.sampled_from(["", "subtitle"])),
    st.builds(NgramPhrase, st.sampled_from(["창원", "부산", "급여", "산업박람", "원독", "내버", "독일출장", "40", "ai", "에서", "는창"]),
              st.sampled_from(["", "title"]), st.sampled_from(get_args(Borders))),
    st.builds(NgramPhrase, st.sampled_from(["4", "버", "는"]), st.sampled_from(["", "title"]), st.just("none")),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda nodes: And(tuple(nodes))),
        st.lists(inner, max_size=3).map(lambda nodes: Or(tuple(nodes))),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOW
@given(
    batches=corpora(),
    removed=st.sets(st.sampled_from(["r1", "r3", "r7"])),
    trees=st.lists(TREES, min_size=1, max_size=6),
)
def test_the_fast_way_finds_what_a_count_by_hand_finds(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer, batches: list[list[PressRelease]],
    removed: set[str], trees: list[Node],
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("index")
    expected = build(folder, analyzer, batches, removed)
    reader = WhooshEngine(folder, analyzer).open()
    for tree in trees:
        results = reader.search(Search(query=tree, limit=100))
        found = {scored.id for scored in results.docs}
        assert found == {key for key, release in expected.items() if matches(tree, release, analyzer)}, tree
        assert results.total == len(found)


@pytest.mark.parametrize(
    ("pruning", "search_cost", "max_cells"),
    [
        (Pruning(), 24, 1 << 20),
        (Pruning(first_postings=1, rest_share=0.1), 0, 1),
        (Pruning(first_postings=1, rest_share=1.0), 1_000, 10),
        (Pruning(first_postings=4, rest_share=1.0), 1, 1),
        (Pruning(first_postings=8), 0, 1),
        (
            Pruning(first_postings=1, threshold_candidates=1, threshold_sample=1, few=1, terms_per_round=1),
            1,
            1,
        ),
    ],
)
@SLOW
@given(batches=corpora(), count=st.integers(1, 5))
def test_pruning_leaves_the_best_where_they_are(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer, pruning: Pruning, search_cost: int,
    max_cells: int, batches: list[list[PressRelease]], count: int,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("index")
    build(folder, analyzer, batches, {"r3"})
    words = ("창원", "독일", "박람", "출장", "수소", "급여")
    terms = (
        *(ScoringTerm("morphemes", text) for text in words),
        ScoringTerm("bigrams", "창원", 0.3),
        ScoringTerm("bigrams", "시내", 0.3),
    )
    segments = open_segments(folder, LookupCosts(search=search_cost, releases_per_unit=1 << 20))
    scorer = Scorer(segments, WEIGHTS, 0.0, max_cells=max_cells)
    query = scorer.weigh(terms)
    live = np.arange(len(segments)) if segments.live_docs is None else segments.live_docs.nonzero()[0]
    every = scorer.score(query, live)
    wanted = np.sort(every[every > 0])[::-1][:count]
    _, scores = find_top(scorer, query, count, Deadline(), pruning)
    assert np.sort(scores)[::-1][:count] == pytest.approx(wanted, rel=1e-5)
    page = WhooshEngine(folder, analyzer).open().top(TopK(scoring=terms, limit=count)).docs
    assert [scored.score for scored in page] == pytest.approx(wanted, rel=1e-5)


@SLOW
@given(batches=corpora(), removed=st.sets(st.sampled_from(["r1", "r3", "r7"])))
def test_whoosh_finds_what_a_count_by_hand_finds(
    tmp_path_factory: pytest.TempPathFactory,
    analyzer: Analyzer,
    batches: list[list[PressRelease]],
    removed: set[str],
) -> None:
    from whoosh import query as wq
    from whoosh.index import open_dir

    folder = tmp_path_factory.mktemp("index")
    expected = build(folder, analyzer, batches, removed)
    index = open_dir(str(Generations(folder).live()[0]))
    tokens = {key: fields_of(release, analyzer) for key, release in expected.items()}

    def having(test: Callable[[dict[str, list[Token]]], bool]) -> set[str]:
        return {key for key, fields in tokens.items() if test(fields)}

    def terms(fields: dict[str, list[Token]]) -> set[str]:
        return {token.term for own in fields.values() for token in own}

    queries = [
        (wq.Term("text", "창원"), having(lambda fields: "창원" in terms(fields))),
        (wq.Term("title", "독일"), having(lambda fields: any(token.term == "독일" for token in fields["title"]))),
        (wq.Term("body", "없는말"), set()),
        (wq.And([wq.Term("text", "창원"), wq.Term("text", "독일")]), having(lambda fields: {"창원", "독일"} <= terms(fields))),
        (wq.Or([wq.Term("text", "창원"), wq.Term("text", "독일")]), having(lambda fields: bool({"창원", "독일"} & terms(fields)))),
        (wq.And([wq.Every(), wq.Not(wq.Term("text", "창원"))]), having(lambda fields: "창원" not in terms(fields))),
        (wq.Phrase("title", ["독일", "출장"]), having(lambda fields: has_phrase(fields["title"], ("독일", "출장")))),
        (wq.Phrase("body", ["박람", "회"]), having(lambda fields: has_phrase(fields["body"], ("박람", "회")))),
        (wq.Prefix("text", "박"), having(lambda fields: any(term.startswith("박") for term in terms(fields)))),
        (wq.Every(), set(expected)),
        (wq.NumericRange("published", 0, 2_000_000_000), set(expected)),
        (wq.NumericRange("published", 0, 1), set()),
        (wq.Term("syllables", "창원"), {key for key, release in expected.items() if any(
            token.term == "창원" for name in ("title", "subtitle", "body") for token in analyzer.bigrams(getattr(release, name)))}),
        (wq.Term("id", "r0"), {"r0"} & set(expected)),
    ]  # fmt: skip
    with index.searcher() as searcher:
        for query, wanted in queries:
            found = {hit["id"] for hit in searcher.search(query, limit=None)}
            assert found == wanted, query
    index.close()


def test_whoosh_cannot_write_what_bodo_wrote(tmp_path: Path, analyzer: Analyzer) -> None:
    from whoosh.index import open_dir

    build(tmp_path / "index", analyzer, [[release_of("창원", id="a")]], set())
    index = open_dir(str(Generations(tmp_path / "index").live()[0]))
    with pytest.raises(TypeError, match="bodo only"):
        ArraySegment("MAIN", "x", 1, ()).delete_document(0)
    assert index.doc_count() == 1
    index.close()
