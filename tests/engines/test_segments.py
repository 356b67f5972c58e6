"""Inverting, storing and merging: whatever the way, the same arrays."""

from __future__ import annotations

import gc
import hashlib
import random
import struct
import weakref
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engine import Search, exact_text
from indexer.engines.shared.container import Container, writing
from indexer.engines.whoosh.build import batches, merge_policy
from indexer.engines.whoosh.build.invert import invert, order_by_term
from indexer.engines.whoosh.build.merge import merge_segments
from indexer.engines.whoosh.build.segment_files import write_segment
from indexer.engines.whoosh.engine import WhooshEngine
from indexer.engines.whoosh.format.postings import STREAMS, Postings
from indexer.engines.whoosh.format.segment import OpenSegments, Segment
from indexer.engines.whoosh.format.stream_writer import StreamWriter
from indexer.engines.whoosh.query.occurrences import MAX_TERMS_AT_ONCE, OccurrenceFinder
from indexer.engines.whoosh.store.generations import Generations
from indexer.errors import IndexUnavailable
from indexer.release import PressRelease
from tests.conftest import release_of
from tests.support.segments import open_segments
from tests.support.snapshots import statistics_of


def some_releases(count: int, *, long: bool = False) -> list[PressRelease]:
    tail = "창원 시내 버스가 달린다. " * (1500 if long else 2)
    return [
        release_of(f"소식 {number} 창원 창원 창원 창원", f"본문 {number}이다.\n{tail}", id=f"id {number}",
                   subtitles=("부제 창원",) * (number % 5), published="2024-01-01T09:00" if number % 3 else "")
        for number in range(count)
    ]  # fmt: skip


def same(first: Path, second: Path, *, but: str = "none") -> bool:
    a, b = Container(first), Container(second)
    names = [name for name in a if not name.startswith(but)]
    return list(a) == list(b) and all(np.array_equal(a[name], b[name]) for name in names)


@pytest.mark.parametrize("max_rows", [1, 50, 10_000_000])
@pytest.mark.parametrize("long", [False, True])
def test_merged_parts_are_what_all_at_once_is(
    tmp_path: Path, analyzer: Analyzer, long: bool, max_rows: int
) -> None:
    releases = some_releases(12, long=long)
    write_segment(tmp_path / "whole", invert(releases, analyzer))
    parts = []
    for number, (start, stop) in enumerate([(0, 5), (5, 6), (6, 12)]):
        write_segment(tmp_path / f"part{number}", invert(releases[start:stop], analyzer))
        parts.append(Segment(tmp_path / f"part{number}"))
    kept = [np.ones(len(part), bool) for part in parts]
    merge_segments(tmp_path / "merged", parts, kept, max_rows)
    assert same(tmp_path / "whole", tmp_path / "merged")


@pytest.mark.parametrize("prefix", STREAMS)
def test_a_range_of_a_merge_keeps_its_bound(
    tmp_path: Path, analyzer: Analyzer, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chooser = random.Random(7)  # noqa: S311 - no secret
    parts, largest = [], 0
    for number in range(6):
        releases = [
            release_of(
                f"소식 {number}", "".join(chr(chooser.randrange(ord("가"), ord("힣"))) for _ in range(400))
            )
            for _ in range(20)
        ]
        write_segment(tmp_path / f"part{number}", invert(releases, analyzer))
        parts.append(Segment(tmp_path / f"part{number}"))
        largest += int(np.sum(list(parts[-1].postings(prefix).sizes()), axis=0).max())
    ranges: list[int] = []
    append = StreamWriter.append

    def watched(self: StreamWriter, piece: Postings) -> None:
        if isinstance(piece.terms, list) == (prefix == "morphemes"):
            ranges.append(len(piece.docs) + len(piece.occurrences))
        append(self, piece)

    monkeypatch.setattr(StreamWriter, "append", watched)
    max_rows = 4_000
    merge_segments(tmp_path / "merged", parts, [np.ones(len(part), bool) for part in parts], max_rows)
    merged = Segment(tmp_path / "merged").postings(prefix)
    assert sum(ranges) == len(merged.docs) + merged.occurrence_count > 4 * max_rows
    # An eighth is what the borders leave open; a term is never cut.
    assert max(ranges) <= max_rows * 9 // 8 + largest


def test_rows_are_ordered_by_terms_of_any_size() -> None:
    for term_count in (3, 1 << 16, (1 << 16) + 1, 1 << 34, 1 << 40):
        terms = np.random.default_rng(1).integers(0, term_count, 3_000)
        terms[:500] = terms[500:1000]
        assert np.array_equal(order_by_term(terms, term_count), np.argsort(terms, kind="stable"))


@pytest.mark.parametrize("max_rows", [1, 50, 10_000_000])
def test_what_is_deleted_leaves_nothing_behind(tmp_path: Path, analyzer: Analyzer, max_rows: int) -> None:
    releases = [*some_releases(6), release_of("오직 여기에만 있는 낱말 하노버", id="only")]
    write_segment(tmp_path / "part", invert(releases, analyzer))
    part = Segment(tmp_path / "part")
    kept = np.array([True, False, True, True, False, True, False])
    merge_segments(tmp_path / "merged", [part], [kept], max_rows)
    write_segment(
        tmp_path / "whole", invert([r for r, keep in zip(releases, kept, strict=True) if keep], analyzer)
    )
    # Phrases are counted, not listed by release: they are no longer certain, and that is noted.
    assert same(tmp_path / "whole", tmp_path / "merged", but="phrases.")
    assert not Segment(tmp_path / "merged").phrases.exact
    assert Segment(tmp_path / "merged").morpheme_terms.find("하노버".encode()) == -1


@pytest.mark.parametrize("later", [100.0, 104.0, 105.0, 200.0])
def test_merged_phrases_are_those_of_all_at_once_at_that_time(
    tmp_path: Path, analyzer: Analyzer, later: float
) -> None:
    releases = [
        replace(release, embargo_until=datetime.fromtimestamp(100 + number, UTC) if number % 3 else None)
        for number, release in enumerate(some_releases(12))
    ]
    parts = []
    for number, (start, stop) in enumerate([(0, 5), (5, 12)]):
        write_segment(tmp_path / f"part{number}", invert(releases[start:stop], analyzer, 102.0))
        parts.append(Segment(tmp_path / f"part{number}"))
    merge_segments(tmp_path / "merged", parts, [np.ones(len(part), bool) for part in parts], at=later)
    write_segment(tmp_path / "whole", invert(releases, analyzer, max(102.0, later)))
    assert same(tmp_path / "whole", tmp_path / "merged")
    kept = np.arange(12) % 5 > 0
    merge_segments(tmp_path / "fewer", [Segment(tmp_path / "merged")], [kept], at=later)
    waiting = [document for document in range(12) if document % 3 and 100 + document > max(102.0, later)]
    left = [int(kept[:document].sum()) for document in waiting if kept[document]]
    assert Segment(tmp_path / "fewer").phrases.waiting_documents.tolist() == left


def test_far_positions_and_many_occurrences_come_back_exactly(tmp_path: Path, analyzer: Analyzer) -> None:
    inverted = invert(some_releases(3, long=True), analyzer)
    write_segment(tmp_path / "a", inverted)
    segment = Segment(tmp_path / "a")
    for prefix in STREAMS:
        terms = len(segment.postings(prefix).starts) - 1
        stored = segment.postings(prefix).load(segment.terms(prefix).load(0, terms), 0, terms)
        made = getattr(inverted, prefix)
        assert np.array_equal(stored.occurrences, made.occurrences)
        assert np.array_equal(stored.freqs, made.freqs)
        assert (made.occurrences >> 4).max() > 4096
        assert made.freqs.max() > 127


def test_a_file_is_opened_once_while_it_is_in_use(tmp_path: Path, analyzer: Analyzer) -> None:
    write_segment(tmp_path / "a", invert(some_releases(3), analyzer))
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    segments = OpenSegments()
    first = segments.open(tmp_path / "a")
    assert segments.open(tmp_path / "b") is first
    (tmp_path / "a").unlink()
    assert segments.open(tmp_path / "b") is first
    write_segment(tmp_path / "a", invert(some_releases(4), analyzer))
    assert len(segments.open(tmp_path / "a")) == 4
    with pytest.raises(IndexUnavailable):
        segments.open(tmp_path / "gone")
    known = weakref.ref(first)
    del first
    gc.collect()
    assert known() is None


@pytest.mark.parametrize("chosen_one_in", [1, 7, 200])
def test_occurrences_of_chosen_postings(tmp_path: Path, analyzer: Analyzer, chosen_one_in: int) -> None:
    releases = [
        release_of("창원 " * (1 + number % 9), "창원 " * (number % 300), id=str(number))
        for number in range(400)
    ]
    write_segment(tmp_path / "a", invert(releases, analyzer))
    segment = Segment(tmp_path / "a")
    term = segment.morpheme_terms.find("창원".encode())
    freqs, positions, _ = segment.morphemes.occurrences([term], [np.arange(400)])
    owners = np.arange(400).repeat(freqs)
    chosen = np.arange(0, 400, chosen_one_in)
    own_freqs, own_positions, _ = segment.morphemes.occurrences([term], [chosen])
    wanted = np.isin(owners, chosen)
    assert np.array_equal(chosen.repeat(own_freqs), owners[wanted])
    assert np.array_equal(own_positions, positions[wanted])


def digest(index: Path) -> dict[str, str]:
    folder = Generations(index).live()[0]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.arrays")}


def test_many_processes_give_the_same_bytes(
    tmp_path: Path, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH_RELEASES", 7)
    made: list[dict[str, str]] = []
    for processes in (2, 1, 2):
        folder = tmp_path / f"index{len(made)}"
        with WhooshEngine(folder, analyzer, processes=processes).write() as writer:
            writer.put(some_releases(30))
            writer.commit({})
        made.append(digest(folder))
    assert made[0] == made[1] == made[2]
    assert len(made[0]) == 1


def test_small_segments_are_merged_and_large_ones_left(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    for number in range(20):
        with engine.write() as writer:
            writer.put([release_of(f"소식 {number}", id=str(number))])
            writer.commit({})
        engine.merge()
        reader = engine.open()
        assert reader.info.documents == number + 1
        assert statistics_of(reader).segments <= 2 * merge_policy.MERGE_FACTOR
        reader.close()
    with engine.write() as writer:
        writer.remove([str(number) for number in range(20)])
        writer.commit({})
    assert statistics_of(engine.open()).segments == 0


def test_an_unchanged_segment_is_shared_not_copied(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    for release_id in ("a", "b"):
        with engine.write() as writer:
            writer.put([release_of("소식", id=release_id)])
            writer.commit({})
    first, second = sorted((tmp_path / "index").glob("0*"))
    name = "MAIN_000001.arrays"
    assert (first / name).stat().st_ino == (second / name).stat().st_ino


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.text(alphabet="abc.", min_size=1, max_size=5),
        st.lists(st.integers(0, 255), max_size=50),
        max_size=5,
    )
)
def test_a_container_gives_back_its_arrays(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, list[int]]
) -> None:
    path = tmp_path_factory.mktemp("container") / "file"
    with writing(path) as container:
        for name, numbers in values.items():
            container.add(name, np.array(numbers, np.uint8))
    opened = Container(path)
    assert {name: opened[name].tolist() for name in opened} == values


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-1], lambda data: data + b"x", lambda data: b"x" + data[1:],
                                    lambda data: data.replace(b'"uint8"', b'"objec"'), lambda data: data.replace(b", 64, 3]", b", 64, 9]")])  # fmt: skip
def test_what_is_no_container_is_refused(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "file"
    with writing(path) as container:
        container.add("a", np.array([1, 2, 3], np.uint8))
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(IndexUnavailable, match="bodo reindex --full"):
        Container(path)


@pytest.mark.parametrize("directory", [
    "[]", "7", "null", "[" * 100_000, '{"a": 1}', '{"a": []}', '{"a": [[], 64, 1]}', '{"a": ["uint8", 64.0, 1]}', '{"a": ["uint8", true, 1]}',
    '{"a": ["uint8", -1, 1]}', '{"a": ["uint8", 64, null]}', '{"a": ["uint8", 64, 1e999]}', '{"a": ["object", 64, 1]}',
])  # fmt: skip
def test_a_forged_directory_is_refused(tmp_path: Path, directory: str) -> None:
    path = tmp_path / "file"
    with writing(path) as container:
        container.add("a", np.array([1, 2, 3], np.uint8))
    arrays = path.read_bytes()[:67]
    tail = struct.pack("<QQ14s", len(arrays), len(directory), arrays[:14])
    path.write_bytes(arrays + directory.encode() + tail)
    with pytest.raises(IndexUnavailable, match="bodo reindex --full"):
        Container(path)


@pytest.mark.parametrize(
    "syllables", ["한" * 40, "대한" * 20, "창원산업박람회" * 6, "가나다라마바사아자차카타파하" * 3]
)
def test_a_long_phrase_is_found_in_pieces_as_at_once(
    tmp_path: Path, analyzer: Analyzer, syllables: str
) -> None:
    engine = WhooshEngine(tmp_path / "index", analyzer)
    with engine.write() as writer:
        writer.put(
            [
                release_of("모두", f"앞 {syllables} 뒤", id="whole"),
                release_of("거의", f"앞 {syllables[1:]} 뒤", id="short"),
                release_of("두 번", f"{syllables} {syllables}", id="twice"),
                release_of("반", f"{syllables[:20]} 가운데 {syllables[20:]}", id="parted"),
            ]
        )
        writer.commit({})
    phrase = exact_text(syllables)
    reader = open_segments(tmp_path / "index")
    everywhere = np.ones(len(reader), bool)
    for max_terms in (MAX_TERMS_AT_ONCE, 3, 10_000):
        occurrences = OccurrenceFinder(reader, max_terms=max_terms).find_ngrams(phrase, everywhere)
        assert {reader.id(doc_id) for doc_id in occurrences.docs.tolist()} == {"whole", "twice"}
    found = engine.open().search(Search(query=phrase, limit=10)).docs
    assert {scored.id for scored in found} == {"whole", "twice"}
