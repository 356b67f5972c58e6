"""What is made of texts for OpenSearch can be cut, compared and read back, whatever they hold."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.engines.opensearch.bulk import Action, document_id
from indexer.engines.opensearch.groups import Signature, label_groups
from indexer.engines.opensearch.keywords import facet_keyword, from_keyword, to_keyword
from indexer.engines.opensearch.spool import Spool
from indexer.engines.opensearch.state import PhrasePart, State
from indexer.engines.opensearch.stored_release import (
    StoredTokens,
    pack_phrases,
    pack_release,
    pack_tokens,
    unpack_phrases,
    unpack_release,
)
from indexer.engines.opensearch.terms import MAX_TERM_CHARS, escape, join_positions, join_weighted
from indexer.engines.shared.signatures import SIGNATURE_BYTES
from indexer.errors import BodoError
from indexer.release import PressRelease, Section
from indexer.schema import TEXT_FIELDS
from indexer.settings import DECLARED, Settings, load_settings

# What a term of an index may hold, and much that it should not.
TERM = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.text(
        st.sampled_from(' |%"\\\t\n\x00\x1f\x7f\x85\u00a0\u1680\u2000\u2028\u3000\u180e가a1;'), min_size=1
    ),
    st.builds(
        lambda piece, count: piece * count,
        st.sampled_from(["가", " ", "😀", "ab|", "\u3000"]),
        st.integers(1, MAX_TERM_CHARS + 20),
    ),
)
# With lone surrogates, as names of files have them.
ANY = st.text(st.characters(), max_size=60) | st.text(
    st.sampled_from("\ud800\udfff\udcff\U0010fffd0dca가"), max_size=20
)
# White space of Java: `Character.isWhitespace`.
JAVA_SPACE = re.compile("[\t-\r\x1c-\x1f \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]")
# Lucene's limit of a term, and ours of a word (`mapping._MAX_TOKEN_CHARS`).
MAX_TERM_BYTES = 32_766


@given(TERM)
@example("\u3000" * MAX_TERM_CHARS)
@example("😀" * (MAX_TERM_CHARS + 1))
def test_an_escaped_term_is_one_word(term: str) -> None:
    escaped = escape(term)
    assert escaped
    assert not re.search(r'[\s|"\\\x00-\x1f\x7f-\x9f]', escaped)
    assert not JAVA_SPACE.search(escaped)
    assert escaped != "%"
    assert json.loads(f'"{escaped}"') == escaped
    assert len(escaped.encode()) <= MAX_TERM_BYTES
    assert len(escaped.encode("utf-16-le")) // 2 < 32_000


@given(TERM, TERM)
@example("가" * MAX_TERM_CHARS, "가" * (MAX_TERM_CHARS + 1))
@example("가" * (MAX_TERM_CHARS + 1), "가" * (MAX_TERM_CHARS + 2))
@example("%20;", " ")
def test_different_terms_are_different_words(one: str, other: str) -> None:
    assert (escape(one) == escape(other)) == (one == other)


@given(TERM, st.data())
def test_the_beginning_of_a_term_is_that_of_its_word(term: str, data: st.DataObject) -> None:
    beginning = term[: data.draw(st.integers(0, min(len(term), MAX_TERM_CHARS)))]
    assert escape(term).startswith(escape(beginning))


@given(TERM, TERM)
def test_another_beginning_is_not(term: str, beginning: str) -> None:
    if len(beginning) <= MAX_TERM_CHARS:
        assert escape(term).startswith(escape(beginning)) == term.startswith(beginning)


@given(st.lists(st.tuples(TERM, st.integers(0, 4)), max_size=12))
def test_a_text_of_tokens_has_each_term_at_its_position(steps: list[tuple[str, int]]) -> None:
    terms = [escape(term) for term, _ in steps]
    # The first position is 0 or more, and terms may share one.
    positions = np.cumsum([step for _, step in steps], dtype=np.int32)
    expected: dict[int, list[str]] = {}
    for term, position in zip(terms, positions.tolist(), strict=True):
        expected.setdefault(position, []).append(term)
    words = join_positions(terms, positions).split(" ") if terms else []
    found = {index: word.split("|") for index, word in enumerate(words) if word != "%"}
    assert found == expected


@given(st.lists(st.tuples(TERM, st.integers(0, 5_000)), max_size=12))
def test_a_weighted_text_has_each_frequency(pairs: list[tuple[str, int]]) -> None:
    text = join_weighted(
        [escape(term) for term, _ in pairs], np.array([count for _, count in pairs], np.int64)
    )
    words = [word.split("|") for word in text.split(" ") if word]
    assert words == [[escape(term), str(min(count, 999))] for term, count in pairs]


@given(ANY)
@example("\U0010fffd")
@example("\U0010fffdd800")
@example("a\ud800b")
def test_a_keyword_is_read_back(text: str) -> None:
    keyword = to_keyword(text)
    keyword.encode()
    assert from_keyword(keyword) == text


@given(ANY, ANY)
def test_different_texts_are_different_keywords(one: str, other: str) -> None:
    assert (to_keyword(one) == to_keyword(other)) == (one == other)


@given(st.text(st.characters(), max_size=20), st.integers(1, 2_000))
def test_a_facet_fits(text: str, times: int) -> None:
    assert len(facet_keyword(text * times).encode()) <= MAX_TERM_BYTES * 2
    assert len(facet_keyword("😀" * 20_000).encode()) <= MAX_TERM_BYTES


@given(ANY, ANY)
@example("a" * 512, "a" * 513)
@example("가" * 170, "가" * 171)
@example("", "\ud800")
def test_an_id_fits_and_is_one_of_its_own(one: str, other: str) -> None:
    assert 0 < len(document_id(one).encode()) <= 512
    assert (document_id(one) == document_id(other)) == (one == other)


RELEASES = st.builds(
    lambda title, path, paragraphs, outlet: PressRelease(
        id=title, title=title, source_path=path, outlet=outlet, sections=(Section("", tuple(paragraphs)),)
    ),
    ANY, ANY, st.lists(ANY, max_size=3), ANY,
)  # fmt: skip


@given(RELEASES)
def test_a_stored_release_is_read_back(release: PressRelease) -> None:
    packed = pack_release(release)
    assert unpack_release(packed) == release
    # OpenSearch gives it back without its padding.
    assert unpack_release(packed.rstrip("=")) == release


@given(st.sets(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), max_size=10))
def test_stored_phrases_are_read_back(phrases: set[str]) -> None:
    assert unpack_phrases(pack_phrases(phrases).rstrip("=")) == sorted(phrases)


@given(st.data())
def test_stored_tokens_are_read_back(data: st.DataObject) -> None:
    fields_ = len(TEXT_FIELDS)
    names = data.draw(st.lists(st.text("가나다abc😀", min_size=1, max_size=5), unique=True, max_size=6))
    counts = data.draw(st.lists(st.integers(0, 5 if names else 0), min_size=fields_, max_size=fields_))
    letters = data.draw(st.lists(st.integers(0, 5), min_size=fields_, max_size=fields_))
    random = Random(data.draw(st.integers()))  # noqa: S311
    # Positions and offsets begin again with each field.
    starts = [sorted(random.choices(range(1_000_000), k=count)) for count in counts]
    columns = np.array(
        [
            (at // 2, at, at + random.randrange(50), random.randrange(len(names)))
            for of_field in starts
            for at in of_field
        ],
        np.int64,
    ).reshape(-1, 4).T  # fmt: skip
    flags = np.array([random.randrange(16) for _ in range(sum(letters))], np.uint8)
    lead_end = random.randrange(1_000)
    packed = pack_tokens(
        names,
        (columns[0].astype(np.int32), columns[1].astype(np.int32), columns[2].astype(np.int32), columns[3]),
        flags,
        counts,
        letters,
        lead_end,
    )
    stored = StoredTokens.unpack(packed.rstrip("="))
    assert list(stored.terms) == names
    assert stored.rows().tolist() == columns.tolist()
    assert stored.flags.tolist() == flags.tolist()
    assert (stored.morphemes, stored.letters, stored.lead_end) == (tuple(counts), tuple(letters), lead_end)


@given(st.binary(max_size=60))
def test_what_is_damaged_is_told(data: bytes) -> None:
    packed = data.decode("latin-1")
    for unpack in (unpack_release, StoredTokens.unpack, unpack_phrases):
        with pytest.raises((ValueError, KeyError, TypeError)):
            unpack(packed)


SIGNATURES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(0, 3), st.sampled_from(["", "", "a", "b"])),
    max_size=12,
)


@given(SIGNATURES, st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order(drawn: list[tuple[int, int, int, str]], random: Random) -> None:
    signatures = [
        # The same fingerprint is the same body; like bodies of a day differ in few bytes.
        Signature(f"r{number}", day * 86_400, print_ - 2, bytes([kind] * 30 + [number, 0]), group)
        for number, (day, print_, kind, group) in enumerate(drawn)
    ]
    assert all(len(one.minhash) == SIGNATURE_BYTES for one in signatures)
    labels = label_groups(signatures)
    assert labels.keys() == {one.id for one in signatures}
    shuffled = random.sample(signatures, len(signatures))
    assert label_groups(shuffled) == labels
    for one in signatures:
        for other in signatures:
            if one is not other and (
                one.fingerprint == other.fingerprint or (one.group and one.group == other.group)
            ):
                assert labels[one.id] == labels[other.id] != ""
    # Labels are told apart by their groups alone: asked again with these, nothing changes.
    again = [Signature(o.id, o.published, o.fingerprint, o.minhash, labels[o.id]) for o in signatures]
    assert label_groups(again) == labels


@given(st.lists(st.builds(Action, st.just("index"), ANY, st.binary(max_size=50)), max_size=10))
def test_a_spool_gives_back_what_it_was_given(actions: list[Action]) -> None:
    spool = Spool()
    for _ in range(2):
        for action in actions:
            spool.add(action)
        assert list(spool) == actions
        spool.clear()
        assert list(spool) == []
    spool.close()


@given(
    st.builds(
        State,
        index=st.just("bodo-000001-00000000"),
        number=st.integers(0),
        updated_at=st.just("2026-01-01T00:00:00+09:00"),
        documents=st.integers(0),
        analyzer=st.dictionaries(st.text("abc"), st.text("abc"), max_size=2),
        embargoes=st.dictionaries(st.text("abc"), st.tuples(st.integers(), st.integers()), max_size=3),
        curated_files=st.text("abc"),
        digests=st.lists(st.text("abc"), max_size=3).map(tuple),
        phrases=st.lists(st.builds(PhrasePart, st.text("abc"), st.integers()), max_size=3).map(tuple),
        pending=st.text("abc"),
        obsolete=st.dictionaries(st.text("abc"), st.integers(), max_size=2),
    )
)
def test_a_state_is_read_back(state: State) -> None:
    assert State.from_dict(json.loads(json.dumps(state.to_dict()))) == state


SECRETS = ("비밀 번호", "p@ss:word/#?", "x" * 300, "0", "true")


@pytest.mark.parametrize("secret", SECRETS)
def test_settings_go_to_other_processes_and_keep_the_secret(secret: str) -> None:
    settings = load_settings({"BODO_OPENSEARCH_PASSWORD": secret, "BODO_OPENSEARCH_USER": "reader"}, None)
    assert settings.opensearch_password == secret
    assert load_settings(settings.to_environment(), None) == settings
    assert repr(secret)[1:-1] not in repr(settings).replace("opensearch_user='reader'", "") or len(secret) < 5


OPENSEARCH = {name: one for name, one in DECLARED.items() if name.startswith("opensearch_")}


@given(st.sampled_from(sorted(OPENSEARCH)), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@example("opensearch_keep", "-1")
@example("opensearch_timeout_s", "0")
@example("opensearch_timeout_s", "nan")
@example("opensearch_shards", "1025")
def test_a_setting_is_taken_or_refused(name: str, text: str) -> None:
    variable = OPENSEARCH[name].limits.environment
    try:
        value = OPENSEARCH[name].parse(text) if text else OPENSEARCH[name].default
    except (ValueError, OverflowError):
        with pytest.raises(BodoError, match=variable) as refused:
            load_settings({variable: text}, None)
        assert refused.value.hint
        return
    settings = load_settings({variable: text}, None)
    assert getattr(settings, name) == value
    assert load_settings(settings.to_environment(), None) == settings


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=12, max_size=30))
def test_a_refused_secret_is_not_repeated(secret: str) -> None:
    with pytest.raises(BodoError) as refused:
        load_settings({"BODO_OPENSEARCH_PASSWORD": f"{secret}\0"}, None)
    assert secret not in str(refused.value)


def test_no_other_setting_of_opensearch_is_shown_in_full() -> None:
    assert {one.name for one in fields(Settings) if not one.repr} == {"opensearch_password"}
    assert Path() == Settings().opensearch_password_file
