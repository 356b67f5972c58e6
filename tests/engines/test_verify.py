"""Damage is found and named; what is hostile is refused."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.analysis import Analyzer
from indexer.curation.issuers import Issuers
from indexer.engines.shared.container import Container, writing
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.bridge.toc import open_index, write_toc
from indexer.engines.whoosh.build.merge_policy import MERGE_FACTOR
from indexer.engines.whoosh.store.generations import Generations
from indexer.errors import IndexUnavailable
from tests.conftest import release_of
from tests.support.changes import read_state, single_process_engine
from tests.support.damage import (
    damage_everywhere,
    describe_damage,
    flip_bits_everywhere,
    index_files,
    search_everything,
    write_two_segments,
)
from tests.support.snapshots import versions

FLIPS = 4
DAMAGES = 60


@pytest.fixture
def index(tmp_path: Path, analyzer: Analyzer) -> Path:
    return write_two_segments(tmp_path / "index", analyzer)


def test_a_whole_index_is_said_to_be(index: Path, analyzer: Analyzer) -> None:
    assert describe_damage(index, analyzer) == ""


def test_a_flipped_bit_is_found_in_every_file(index: Path, analyzer: Analyzer) -> None:
    assert flip_bits_everywhere(index, analyzer, FLIPS) > 4 * FLIPS


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n\n")


def make_link(path: Path) -> None:
    other = path.with_name("other")
    path.rename(other)
    path.symlink_to(other)


@pytest.mark.parametrize("harm", [cut, empty, lengthen, Path.unlink, make_link])
def test_a_file_cut_emptied_or_gone_is_named_when_it_is_opened(
    index: Path, analyzer: Analyzer, harm: Callable[[Path], None]
) -> None:
    for path in index_files(index):
        if path.name == "CURRENT" and harm in (Path.unlink, make_link):
            continue  # without it there is no index; behind a link it is the same
        whole = path.read_bytes()
        harm(path)
        try:
            WhooshEngine(index, analyzer).open()
            said = ""
        except IndexUnavailable as error:
            said = str(error)
        if path.name == "CURRENT" and harm is cut:
            assert said == ""  # only its line end is gone
        else:
            assert path.name in said, path
            assert "bodo reindex --full" in said
        for leftover in (path, path.with_name("other")):
            leftover.unlink(missing_ok=True)
        path.write_bytes(whole)
    assert describe_damage(index, analyzer) == ""


def sign(index: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the manifest of the live generation, as who made it could."""
    path = index / Generations(index).live_name().partition("-")[0] / "manifest.json"
    record = json.loads(path.read_text("utf-8"))
    change(record)
    data = json.dumps(record).encode()
    path.write_bytes(data)
    (index / "CURRENT").write_text(f"{path.parent.name} {hashlib.sha256(data).hexdigest()}\n", "ascii")


HOSTILE_NAMES = ("../../secret.arrays", "/etc/passwd", "a/b", "..", "", "MAIN_1\0", "x" * 500)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_manifest_names_no_file_outside(index: Path, analyzer: Analyzer, name: str) -> None:
    (index.parent / "secret.arrays").write_bytes(b"secret")
    sign(index, lambda record: record["files"].update({name: [6, "0"]}))  # type: ignore[attr-defined]
    with pytest.raises(IndexUnavailable, match="손상"):
        WhooshEngine(index, analyzer).open()


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, 7, None, ["000001"]])
def test_a_manifest_names_no_segment_outside(index: Path, analyzer: Analyzer, name: object) -> None:
    def change(record: dict[str, object]) -> None:
        record["segments"][0][0] = name  # type: ignore[index]

    sign(index, change)
    with pytest.raises(IndexUnavailable, match="손상"):
        WhooshEngine(index, analyzer).open()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("segments", [["000001", 9, [9]]]), ("segments", [["000001", 9, [-1]]]), ("segments", 3), ("files", []),
        ("documents", "many"), ("documents", 1e999), ("updated_at", "gestern"), ("updated_at", "2026-01-01T00:00"), ("resources", [1]),
        ("format", [1]), ("next_segment", None), ("analyzer", 3),
    ],
)  # fmt: skip
def test_a_manifest_that_says_nonsense_is_refused(
    index: Path, analyzer: Analyzer, key: str, value: object
) -> None:
    sign(index, lambda record: record.update({key: value}))
    with pytest.raises(IndexUnavailable, match="bodo reindex --full"):
        WhooshEngine(index, analyzer).open()


@pytest.mark.parametrize("name", ["../000001", "/etc", "000001/../..", "1", "000099"])
def test_the_pointer_leads_nowhere_else(index: Path, analyzer: Analyzer, name: str) -> None:
    (index / "CURRENT").write_text(f"{name} {'0' * 64}\n", "ascii")
    with pytest.raises(IndexUnavailable, match="bodo reindex --full"):
        WhooshEngine(index, analyzer).open()


def test_a_fault_of_the_program_is_found_too(index: Path, analyzer: Analyzer) -> None:
    """Files that agree with their digests, but not with each other."""
    folder = Generations(index).live()[0]
    path = sorted(folder.glob("*.arrays"))[0]
    whole = {name: array.copy() for name, array in Container(path).items()}

    def with_array(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> str:
        with writing(path) as container:
            for key, array in whole.items():
                container.add(key, change(array.copy()) if key == name else array)
        sign(index, lambda record: record["files"].update({  # type: ignore[attr-defined]
            path.name: [path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()]}))  # fmt: skip
        return describe_damage(index, analyzer)

    def first(value: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
        def change(array: NDArray[Any]) -> NDArray[Any]:
            array[0] = value
            return array

        return change

    assert with_array("published", lambda array: array) == ""
    for name, change in (
        ("bigrams.docs", first(60_000)), ("morphemes.docs", lambda array: array[::-1]),
        ("bigrams.starts", first(3)), ("morphemes.stats", first(0x7F)), ("lengths", first(99)),
        ("field_starts", first(5)), ("blobs", first(0)), ("id_order", lambda array: array[::-1]),
        ("embargoes", first(99)), ("phrases.waiting_documents", lambda array: np.array([60_000])),
        ("phrases.waiting_numbers", lambda array: np.array([0])),
        ("blob_ends", lambda array: array[:1]), ("bigrams.occurrences", lambda array: array[:-1]),
    ):  # fmt: skip
        assert path.name in with_array(name, change), name


def flip(path: Path, place: int) -> None:
    """Flip a bit where the file lies, as a disk does: every generation that shares it has it."""
    with path.open("r+b") as stream:
        stream.seek(place)
        byte = stream.read(1)[0]
        stream.seek(place)
        stream.write(bytes([byte ^ 1]))


def test_a_merge_does_not_sign_damage(
    tmp_path: Path, analyzer: Analyzer, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "index"
    for number in range(2 * MERGE_FACTOR):
        engine = single_process_engine(folder, analyzer)
        with engine.write() as writer:
            writer.put([release_of(f"예산 {number}", "예산은 3500억 원이다.", id=str(number))])
            writer.commit({"file": str(number)})
        if number == 0:
            path = Generations(folder).live()[0] / "MAIN_000001.arrays"
            flip(path, path.stat().st_size // 2)
        caplog.clear()
        engine.merge()
        said = caplog.text
        assert path.name in describe_damage(folder, analyzer), number
        # The commit stands, and whoever made it is told that the merge behind it does not.
        assert len(versions(engine.open())) == number + 1
        assert ("bodo verify" in said and path.name in said) == (number + 1 >= MERGE_FACTOR)


def test_a_release_that_is_not_what_was_indexed_is_found(index: Path, analyzer: Analyzer) -> None:
    """As an engine that merged damage, or packed it wrongly, would have it: every digest agrees."""
    whole = release_of("예산", "예산은 3500억 원이다.", id="budget")
    with single_process_engine(index, analyzer).write() as writer:
        writer.put([replace(whole, sections=release_of("", "예산은 1500억 원이다.").sections)])
        writer.commit({})
    assert "budget: 색인할 때의 내용과 다릅니다" in describe_damage(index, analyzer)


def test_a_release_under_another_name_of_its_issuer_is_whole(index: Path, analyzer: Analyzer) -> None:
    with single_process_engine(index, analyzer).write() as writer:
        release = release_of("소식", "본문이다.", id="a", outlet="과기정통부", department="가 과")
        writer.put([Issuers("과학기술정보통신부 = 과기정통부").normalize(release)])
        writer.commit({})
    assert describe_damage(index, analyzer) == ""


def test_damage_found_while_serving_is_a_refusal_and_nothing_else(index: Path, analyzer: Analyzer) -> None:
    damage_everywhere(index, analyzer, DAMAGES)


@pytest.mark.parametrize("name", ["ids.ends", "blob_ends", "morphemes.docs", "bigrams.starts", "lengths"])
def test_a_forged_segment_is_refused(index: Path, analyzer: Analyzer, name: str) -> None:
    """Its size and digest agree with the manifest; an array is missing, empty, or of another kind."""
    path = sorted(Generations(index).live()[0].glob("*.arrays"))[0]
    whole = {key: array.copy() for key, array in Container(path).items()}
    for forged in (None, np.zeros(0, np.uint8), np.array([0.5], np.float32)):
        path.unlink()
        with writing(path) as container:
            for key, array in whole.items():
                if key != name:
                    container.add(key, array)
                elif forged is not None:
                    container.add(key, forged)
        sign(index, lambda record: record["files"].update({  # type: ignore[attr-defined]
            path.name: [path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()]}))  # fmt: skip
        search_everything(index, analyzer)
        assert path.name in describe_damage(index, analyzer)


class Exploit:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_whoosh_opens_the_generation_without_running_what_is_in_it(
    index: Path, analyzer: Analyzer, tmp_path: Path
) -> None:
    folder = Generations(index).live()[0]
    assert open_index(folder).doc_count() == 17
    toc = next(folder.glob("*.toc"))
    whole = toc.read_bytes()
    # Behind the schema, which is not read, stands the list of segments.
    segments = max(whole.rindex(bytes([0x80, protocol])) for protocol in (2, pickle.HIGHEST_PROTOCOL))
    for payload in (Exploit(tmp_path / "ran"), [Exploit(tmp_path / "ran")], eval, Path("x"), "text", 3):
        toc.write_bytes(whole[:segments] + pickle.dumps(payload, 2))
        with pytest.raises(IndexUnavailable):
            open_index(folder).searcher()
        assert not (tmp_path / "ran").exists()
    for place in range(0, len(whole), 7):
        toc.write_bytes(whole[:place])
        with pytest.raises(IndexUnavailable):
            open_index(folder)


def test_nothing_of_an_index_is_unpickled_in_search(index: Path, analyzer: Analyzer, tmp_path: Path) -> None:
    folder = Generations(index).live()[0]
    toc = next(folder.glob("*.toc"))
    toc.write_bytes(pickle.dumps(Exploit(tmp_path / "ran"), 2))
    sign(index, lambda record: record["files"].update({toc.name: [toc.stat().st_size, "0"]}))  # type: ignore[attr-defined]
    found = set(versions(WhooshEngine(index, analyzer).open()))
    assert len(found) == 17
    with single_process_engine(index, analyzer).write() as writer:
        writer.put([release_of("새 소식", id="new")])
        writer.commit({})
    assert "new" in (read_state(index, analyzer) or {})
    assert not (tmp_path / "ran").exists()


def test_a_segment_of_the_table_of_contents_stays_in_its_folder(index: Path, analyzer: Analyzer) -> None:
    from indexer.engines.whoosh.store.manifest import SegmentEntry

    folder = Generations(index).live()[0]
    next(folder.glob("*.toc")).unlink()
    write_toc(folder, [SegmentEntry("../../x", 1)])
    with pytest.raises(IndexUnavailable, match="폴더 밖"):
        open_index(folder).searcher()
