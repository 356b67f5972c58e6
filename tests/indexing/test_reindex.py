"""Reindexing: only what changed, and never an empty index by accident."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import lzma
import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from indexer.analysis import Analyzer
from indexer.engine import And, Search, Term, find_release
from indexer.engines.whoosh import WhooshEngine
from indexer.engines.whoosh.store import generations
from indexer.errors import BodoError, IndexUnavailable, SourceError
from indexer.indexing.change import remove
from indexer.indexing.reindex import reindex
from indexer.indexing.report import Progress, Report
from indexer.sources.corpus.walk import list_files
from indexer.sources.parsing import ParsedFile
from indexer.sources.sandbox.parser import SandboxedParser
from tests.support.snapshots import versions


class Archive:
    """A corpus folder and its index."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        self.engine = WhooshEngine(folder / "index", analyzer)

    def write(self, name: str, title: str, body: str = "본문이다.", **fields: str) -> Path:
        path = self.corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        head = "".join(f"{key}: {value}\n" for key, value in {"title": title, **fields}.items())
        path.write_text(f"---\n{head}---\n{body}\n", "utf-8")
        return path

    def reindex(self, **options: bool) -> Report:
        return reindex(self.engine, self.corpus, **options)  # type: ignore[arg-type]

    def titles(self, term: str = "") -> list[str]:
        """The sorted titles of all releases, or of those with a term."""
        reader = self.engine.open()
        results = reader.search(Search(query=Term(term) if term else And(()), limit=100))
        releases = [find_release(reader, scored.id) for scored in results.docs]
        reader.close()
        return sorted(release.title for release in releases if release)


@pytest.fixture
def archive(tmp_path: Path, analyzer: Analyzer) -> Archive:
    made = Archive(tmp_path, analyzer)
    for name in ("가", "나", "다", "라", "마", "바"):
        made.write(f"{name}.md", f"소식 {name}")
    made.reindex()
    return made


def test_everything_is_added_once(archive: Archive) -> None:
    assert len(archive.titles("소식")) == 6
    before = archive.engine.live_name()
    again = archive.reindex()
    assert (again.unchanged, again.added, again.documents) == (6, 0, 6)
    assert archive.engine.live_name() == before, "nothing changed: no new generation"


def test_added_changed_moved_and_removed_files(archive: Archive) -> None:
    archive.write("가.md", "소식 가", body="바뀐 수소 이야기.")
    (archive.corpus / "나.md").rename(archive.corpus / "옮김.md")
    (archive.corpus / "다.md").unlink()
    archive.write("새 폴더/사.md", "소식 사")
    report = archive.reindex()
    counts = (report.added, report.updated, report.moved, report.removed, report.unchanged, report.documents)
    assert counts == (1, 1, 1, 1, 3, 6)
    assert archive.titles("수소") == ["소식 가"]
    assert "소식 다" not in archive.titles()
    reader = archive.engine.open()
    assert {stored.source_path for stored in versions(reader).values()} >= {"옮김.md", "새 폴더/사.md"}
    reader.close()


def test_a_full_reindex_gives_the_same(archive: Archive) -> None:
    before = archive.titles()
    report = archive.reindex(full=True)
    assert (report.documents, report.unchanged) == (6, 6)
    assert archive.titles() == before


@pytest.mark.parametrize("full", [False, True])
def test_an_emptied_corpus_does_not_empty_the_index(archive: Archive, full: bool) -> None:
    for path in archive.corpus.iterdir():
        path.unlink()
    with pytest.raises(BodoError, match="--allow-removals"):
        archive.reindex(full=full)
    assert len(archive.titles()) == 6
    assert archive.reindex(full=full, allow_removals=True).documents == 0
    assert archive.titles() == []


def test_another_analyzer_does_not_make_an_empty_corpus_empty_the_index(archive: Archive) -> None:
    for path in archive.corpus.iterdir():
        path.unlink()
    other = WhooshEngine(archive.corpus.parent / "index", Analyzer("kiwi"))
    with pytest.raises(BodoError, match="6건"):
        reindex(other, archive.corpus, full=True)
    assert len(archive.titles()) == 6
    assert reindex(other, archive.corpus, full=True, allow_removals=True).documents == 0


def test_a_missing_corpus_is_named(archive: Archive) -> None:
    archive.corpus.rename(archive.corpus.with_name("elsewhere"))
    with pytest.raises(SourceError, match="corpus"):
        archive.reindex()
    assert len(archive.titles()) == 6


@pytest.mark.parametrize("full", [False, True])
def test_what_cannot_be_read_now_stays_as_it_was(archive: Archive, full: bool) -> None:
    (archive.corpus / "가.md").write_bytes(b"\x00\x01\x02binary")
    report = archive.reindex(full=full)
    assert report.failed
    assert [refusal.source_path for refusal in report.refusals] == ["가.md"]
    assert (report.kept, report.documents) == (1, 6)
    assert "소식 가" in archive.titles()


def test_a_refused_file_is_named_every_time(archive: Archive) -> None:
    (archive.corpus / "빈.txt").write_bytes(b"")
    for _ in range(2):
        report = archive.reindex()
        assert report.failed
        assert [refusal.source_path for refusal in report.refusals] == ["빈.txt"]
        assert report.documents == 6


def test_two_releases_with_one_id_are_both_indexed(archive: Archive) -> None:
    archive.write("하나.md", "같은 번호 하나", id="77")
    archive.write("둘.md", "같은 번호 둘", id="77")
    report = archive.reindex()
    assert not report.failed
    (warning,) = report.refusals
    assert warning.severity == "warning"
    assert "77" in warning.reason
    assert archive.titles("번호") == ["같은 번호 둘", "같은 번호 하나"]
    again = archive.reindex()
    assert (again.added, again.removed, again.documents) == (0, 0, 8)


def test_a_second_copy_of_a_release_is_told_and_left_out(archive: Archive) -> None:
    (archive.corpus / "사본.md").write_bytes((archive.corpus / "가.md").read_bytes())
    report = archive.reindex()
    assert report.documents == 6
    assert [refusal.severity == "warning" for refusal in report.refusals] == [True]


def test_copies_of_a_release_whose_id_is_taken_are_told(archive: Archive) -> None:
    archive.write("하나.md", "같은 번호 하나", id="77")
    for name in ("둘.md", "둘의 사본.md"):
        os.utime(archive.write(name, "같은 번호 둘", id="77"), (2_000_000_000, 2_000_000_000))
    report = archive.reindex()
    assert report.documents == 8
    assert [refusal.source_path for refusal in report.refusals] == ["둘의 사본.md", "둘.md"]
    assert "또 있습니다" in report.refusals[0].reason


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_what_cannot_be_asked_is_told_and_kept(
    archive: Archive, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive.corpus / "마.toml").write_text("department = '투자과'\n", "utf-8")
    (archive.corpus / "사.xyz").write_text("아무 글\n", "utf-8")
    assert archive.reindex().updated == 1
    lost = {"가.md", "마.toml", "사.xyz"}

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Path, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            if path.name in lost:
                raise OSError(number, os.strerror(number), str(path))
            return real(path, *arguments, **options)

        return call

    for name in ("stat", "open"):
        monkeypatch.setattr(Path, name, failing(getattr(Path, name)))
    parse_file = SandboxedParser.parse_file

    def read(reader: SandboxedParser, path: Path, source_path: str, charset: str = "") -> ParsedFile:
        # The worker opens the file, and fails as this process does.
        path.open("rb").close()
        return parse_file(reader, path, source_path, charset)

    monkeypatch.setattr(SandboxedParser, "parse_file", read)
    report = archive.reindex()
    assert report.documents == 6
    assert report.kept == 2
    assert {refusal.source_path for refusal in report.refusals} == {"가.md", "마.md", "사.xyz"}
    assert all(os.strerror(number) in refusal.reason for refusal in report.refusals)


def test_a_corpus_that_cannot_be_asked_is_told(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, **_: object) -> NoReturn:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "stat", fail)
    with pytest.raises(SourceError, match="읽을 수 없습니다"):
        list_files(archive.corpus)


def test_many_releases_in_one_file(archive: Archive) -> None:
    path = archive.corpus / "모음.jsonl"
    records = [{"id": str(n), "title": f"모음 {n}", "body": "본문"} for n in range(30)]
    path.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    assert archive.reindex().added == 30
    records[3]["body"] = "바뀐 본문"
    del records[7]
    path.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    report = archive.reindex()
    assert (report.updated, report.removed, report.unchanged) == (1, 1, 34)


def test_progress_counts_releases(archive: Archive) -> None:
    seen: list[Progress] = []
    reindex(archive.engine, archive.corpus, full=True, progress=seen.append)
    assert [step.releases for step in seen] == [1, 2, 3, 4, 5, 6, 6]
    read = [step.read_bytes for step in seen]
    assert read == sorted(read)
    assert read[0] < seen[0].total_bytes == read[-1]


@pytest.mark.parametrize("name", ["소식.jsonl", "소식.jsonl.gz", "소식.jsonl.xz"])
def test_progress_inside_a_long_file(archive: Archive, tmp_path: Path, name: str) -> None:
    lines = [
        json.dumps({"title": f"소식 {number}", "body": hashlib.sha256(b"%d" % number).hexdigest() * 30})
        for number in range(2_000)
    ]
    data = "\n".join(lines).encode()
    packed = {".gz": gzip.compress(data), ".xz": lzma.compress(data)}.get(Path(name).suffix, data)
    (tmp_path / name).write_bytes(packed)
    seen: list[Progress] = []
    reindex(archive.engine, tmp_path / name, allow_removals=True, progress=seen.append)
    assert 0 < seen[1_000].read_bytes < seen[-1].read_bytes == (tmp_path / name).stat().st_size


def corrupt_pointer(index: Path) -> None:
    (index / "CURRENT").write_bytes(b"\xff\x00")


def remove_manifest(index: Path) -> None:
    next(index.glob("0*/manifest.json")).unlink()


def garble_manifest(index: Path) -> None:
    next(index.glob("0*/manifest.json")).write_text('{"format": 1, "files": 3}', "utf-8")


def cut_a_file(index: Path) -> None:
    path = max(index.glob("0*/*.arrays"), key=lambda file: file.stat().st_size)
    path.write_bytes(path.read_bytes()[:-1])


def remove_a_file(index: Path) -> None:
    next(index.glob("0*/*.arrays")).unlink()


def point_nowhere(index: Path) -> None:
    (index / "CURRENT").write_text("000099\n", "ascii")


def point_outside(index: Path) -> None:
    (index / "CURRENT").write_text("../../etc\n", "ascii")


def name_a_file_outside(index: Path) -> None:
    path = next(index.glob("0*/manifest.json"))
    record = json.loads(path.read_text("utf-8"))
    record["files"]["../../x"] = [1, "0"]
    path.write_text(json.dumps(record), "utf-8")


def other_format(index: Path) -> None:
    path = next(index.glob("0*/manifest.json"))
    path.write_text(json.dumps({"format": 999}), "utf-8")


def other_analyzer(index: Path) -> None:
    path = next(index.glob("0*/manifest.json"))
    record = json.loads(path.read_text("utf-8"))
    record["analyzer"]["dictionary"] = "다른 사전"
    path.write_text(json.dumps(record), "utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        corrupt_pointer, remove_manifest, garble_manifest, cut_a_file, remove_a_file, point_nowhere,
        point_outside, name_a_file_outside, other_format, other_analyzer,
    ],
)  # fmt: skip
def test_a_damaged_index_says_what_to_run_and_can_be_rebuilt(
    archive: Archive, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "index")
    with pytest.raises(IndexUnavailable, match="bodo reindex --full"):
        archive.engine.open()
    with pytest.raises(IndexUnavailable, match="bodo reindex --full"):
        archive.reindex()
    assert archive.reindex(full=True).documents == 6
    assert len(archive.titles()) == 6


def test_damage_is_a_refusal_to_every_change_and_a_full_reindex_mends_it(
    archive: Archive, tmp_path: Path
) -> None:
    """Sizes are as they were, so that the index opens. One file cannot be read any more: what the index has
    of it is kept, if that is whole.
    """
    (archive.corpus / "바.md").write_bytes(b"PK\x03\x04")
    chooser = random.Random(5)  # noqa: S311 - no secret
    for _ in range(30):
        path = chooser.choice(sorted(generations.Generations(tmp_path / "index").live()[0].glob("*.arrays")))
        data = bytearray(path.read_bytes())
        place = chooser.randrange(len(data) - 64)
        data[place : place + 64] = chooser.randbytes(64)
        path.unlink()
        path.write_bytes(data)
        archive.write("가.md", "소식 가", body=f"{place}번째 본문.")
        with suppress(IndexUnavailable):
            archive.reindex(allow_removals=True)
        with suppress(BodoError):
            remove(archive.engine, archive.corpus, ["없는 id"])
        report = archive.reindex(full=True, allow_removals=True)
        assert (report.documents, report.kept) in ((5, 0), (6, 1))
        assert report.failed
        assert not list(archive.engine.verify())
        # Mended before the next round: the file is read and kept again.
        archive.write("바.md", "소식 바")
        assert archive.reindex().documents == 6
        (archive.corpus / "바.md").write_bytes(b"PK\x03\x04")


def test_a_folder_of_something_else_is_not_taken_for_an_index(archive: Archive, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("내 글", "utf-8")
    engine = WhooshEngine(foreign, Analyzer())
    with pytest.raises(IndexUnavailable, match="bodo의 색인이 아닙니다"):
        engine.open()
    with pytest.raises(IndexUnavailable, match="bodo의 색인이 아닙니다"):
        reindex(engine, archive.corpus)
    assert (foreign / "notes.txt").read_text("utf-8") == "내 글"


def test_what_a_killed_writer_left_is_cleared_away(archive: Archive, tmp_path: Path) -> None:
    leftover = tmp_path / "index" / "000002.building"
    leftover.mkdir()
    (leftover / "half.seg").write_bytes(b"half")
    assert len(archive.titles()) == 6
    archive.write("사.md", "소식 사")
    archive.reindex()
    assert not leftover.exists()
    assert len(archive.titles()) == 7


def test_generations_go_when_their_grace_is_over(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(list((tmp_path / "index").glob("0*")))
    for number in range(3):
        archive.write("가.md", "소식 가", body=f"{number}번째 본문.")
        archive.reindex()
    assert len(list((tmp_path / "index").glob("0*"))) == before + 3
    monkeypatch.setattr(generations, "GRACE_S", -1.0)
    archive.write("가.md", "소식 가", body="마지막 본문.")
    archive.reindex()
    assert len(list((tmp_path / "index").glob("0*"))) == 1


@pytest.mark.parametrize("full", [False, True])
def test_a_curated_file_that_cannot_be_read_is_kept_as_it_is_indexed(archive: Archive, full: bool) -> None:
    path = archive.corpus / "outlets.txt"
    path.write_text("환경처 = 환경부\n", "utf-8")
    archive.reindex()
    path.write_bytes("환경처 = 환경부\n".encode("cp949"))
    (archive.corpus / "synonyms.txt").mkdir()
    archive.write("사.md", "소식 사", outlet="환경처")
    report = archive.reindex(full=full)
    assert report.failed
    assert [one.source_path for one in report.refusals] == ["synonyms.txt", "outlets.txt"]
    assert len(archive.titles()) == 7
    snapshot = archive.engine.open()
    assert dict(snapshot.curated_files) == {"outlets.txt": "환경처 = 환경부\n"}
    snapshot.close()


def test_a_first_index_needs_every_curated_file(tmp_path: Path, analyzer: Analyzer) -> None:
    new = Archive(tmp_path, analyzer)
    new.write("가.md", "소식 가")
    (new.corpus / "removed.txt").write_bytes(b"\xff")
    with pytest.raises(SourceError, match=r"removed\.txt"):
        new.reindex()
    assert not new.engine.live_name()
