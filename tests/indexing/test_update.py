"""`update`: a part of the corpus comes into the index as the whole would, and nothing else is touched."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engines.memory import MemoryEngine
from indexer.indexing.reindex import reindex
from indexer.indexing.report import Report
from indexer.indexing.update import MAX_OBSERVED_REMOVALS, update


class Archive:
    """A corpus and its index in memory."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        self.corpus = folder / "corpus"
        self.corpus.mkdir(parents=True)
        self.analyzer = analyzer
        self.engine = MemoryEngine(folder / "index", analyzer)

    def write(self, name: str, title: str = "", body: str = "창원의 소식을 알린다.") -> Path:
        path = self.corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{title or name} 소식\n\n{body}\n", "utf-8")
        return path

    def update(self, *names: str, **options: object) -> Report:
        return update(self.engine, self.corpus, [Path(name) for name in names], **options)  # type: ignore[arg-type]

    def reindex(self) -> Report:
        return reindex(self.engine, self.corpus, allow_removals=True)

    def state(self) -> dict[str, tuple[str, str]]:
        return state_of(self.engine)

    def files(self) -> set[str]:
        return {source_path for _, source_path in self.state().values()}


def state_of(engine: MemoryEngine) -> dict[str, tuple[str, str]]:
    snapshot = engine.open(embargoed=True)
    try:
        return {version.id: (version.content_hash, version.source_path) for version in snapshot.versions()}
    finally:
        snapshot.close()


@pytest.fixture
def archive(tmp_path: Path, analyzer: Analyzer) -> Archive:
    made = Archive(tmp_path, analyzer)
    for name in ("a.txt", "b.txt", "c/d.txt", "c/e.txt", "f.txt", "g.txt"):
        made.write(name)
    made.reindex()
    return made


def test_only_what_is_at_or_below_the_paths_is_looked_at(archive: Archive) -> None:
    for name in ("a.txt", "b.txt", "c/d.txt"):
        archive.write(name, body="고친 본문이다.")
    assert archive.update("a.txt").updated == 1
    assert archive.update("c").updated == 1
    assert archive.reindex().updated == 1


def test_new_and_gone_files_and_folders(archive: Archive) -> None:
    archive.write("c/새.txt")
    archive.write("새 폴더/더/x.txt")
    (archive.corpus / "g.txt").unlink()
    report = archive.update("c/새.txt", "새 폴더", "g.txt")
    assert (report.added, report.removed, report.withheld) == (2, 1, 0)
    shutil.rmtree(archive.corpus / "c")
    report = archive.update("c", removed=[archive.corpus / "c"])
    assert (report.removed, archive.files()) == (3, {"a.txt", "b.txt", "f.txt", "새 폴더/더/x.txt"})


def test_a_file_without_a_digest_is_looked_at_wherever_it_is(archive: Archive) -> None:
    archive.write("c/died.txt")
    assert archive.update("a.txt", everywhere=False).added == 0
    assert archive.update("a.txt").added == 1


def test_what_is_skipped_is_not_read_again(archive: Archive) -> None:
    (archive.corpus / "bad.pdf").write_bytes(b"%PDF-1.7 no")
    assert [problem.source_path for problem in archive.update("bad.pdf").refusals] == ["bad.pdf"]
    assert len(archive.update("a.txt").refusals) == 1
    assert archive.update("a.txt", skipped={"bad.pdf"}).refusals == []
    assert len(archive.update("bad.pdf", skipped={"bad.pdf"}).refusals) == 1


@pytest.mark.parametrize("paths", [("h.txt", "a.txt"), ("h.txt",), ("a.txt", "h.txt")])
def test_a_moved_file_keeps_its_release(archive: Archive, paths: tuple[str, ...]) -> None:
    (archive.corpus / "a.txt").rename(archive.corpus / "h.txt")
    ids = set(archive.state())
    assert archive.update(*paths).moved == 1
    assert set(archive.state()) == ids
    # What is told later, or again, changes nothing.
    assert archive.update("a.txt", "h.txt").removed == 0


def test_many_that_are_gone_stay_until_it_is_allowed(archive: Archive) -> None:
    for name in ("a.txt", "b.txt"):
        (archive.corpus / name).unlink()
    archive.write("neu.txt")
    report = archive.update("a.txt", "b.txt", "neu.txt")
    assert (report.added, report.removed, report.withheld) == (1, 0, 2)
    assert "a.txt" in archive.files()
    # They count as unread: one that comes back is looked at, though it is as it was.
    archive.write("a.txt")
    assert archive.update("f.txt").unchanged == 2
    assert archive.update("b.txt", allow_removals=True).removed == 1


def test_a_few_that_were_seen_to_go_may_go_and_no_more(archive: Archive) -> None:
    for number in range(MAX_OBSERVED_REMOVALS):
        archive.write(f"many/{number}.txt")
    archive.update("many")
    names = [f"many/{number}.txt" for number in range(MAX_OBSERVED_REMOVALS)]
    shutil.rmtree(archive.corpus / "many")
    assert archive.update(*names, removed=[Path(name) for name in names[:-1]]).withheld == len(names)
    (archive.corpus / "a.txt").unlink()
    assert archive.update("a.txt", *names, removed=[Path("a.txt"), Path("many")]).withheld == len(names) + 1
    assert archive.update("many", removed=[Path("many")]).removed == len(names)


def test_sidecars_and_attachments_mean_their_release(archive: Archive) -> None:
    def read_again(name: str) -> int:
        return archive.update(name, everywhere=False).updated

    sidecar = archive.corpus / "a.toml"
    sidecar.write_text('department = "홍보과"\n', "utf-8")
    assert read_again("a.toml") == 1
    sidecar.write_text('department = "홍보과"\nattachments = ["b.txt"]\n', "utf-8")
    report = archive.update("a.toml", everywhere=False)
    assert (report.updated, "b.txt" in archive.files()) == (1, False)
    sidecar.unlink()
    report = archive.update("a.toml", everywhere=False)
    assert report.updated == 1
    assert "b.txt" in archive.files()
    archive.write("c/d.첨부/표.txt")
    assert read_again("c/d.첨부/표.txt") == 1
    shutil.rmtree(archive.corpus / "c/d.첨부")
    assert read_again("c/d.첨부") == 1
    attachment = archive.write("a_붙임1.txt")
    assert read_again("a_붙임1.txt") == 1
    attachment.unlink()
    assert read_again("a_붙임1.txt") == 1


def test_names_in_nfd(archive: Archive) -> None:
    name = unicodedata.normalize("NFD", "한글/가나다.txt")
    path = archive.write(name)
    assert archive.update(name).added == 1
    assert "한글/가나다.txt" in archive.files()
    path.unlink()
    assert archive.update(name, removed=[path]).removed == 1


def test_a_path_by_a_link_is_the_file_that_the_walk_comes_to(archive: Archive) -> None:
    (archive.corpus / "b-link").symlink_to(archive.corpus / "c")
    archive.reindex()
    assert "b-link/d.txt" in archive.files()
    archive.write("c/new.txt")
    assert archive.update("c/new.txt", everywhere=False).added == 1
    assert "b-link/new.txt" in archive.files()


def test_nothing_below_an_unreadable_path_goes(archive: Archive) -> None:
    from indexer.sources.problems import ReadProblem

    shutil.rmtree(archive.corpus / "c")
    away = ReadProblem("c", "연결이 끊겼습니다.", "다시 연결하세요.")
    report = archive.update("c", problems=[away], allow_removals=True)
    assert (report.removed, report.kept) == (0, 2)


NAMES = ("a.txt", "b.txt", "a_붙임1.txt", "a.toml", "c/a.txt", "c/b.txt", "c/a.첨부/x.txt", "e/a.txt")
STEPS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["write", "rewrite", "remove", "move"]), st.sampled_from(NAMES)),
    min_size=1,
    max_size=8,
)  # fmt: skip


@settings(max_examples=1500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(STEPS, min_size=1, max_size=4))
def test_updates_end_as_reindexing_does(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer, batches: list[list[tuple[str, str, str]]]
) -> None:
    archive = Archive(tmp_path_factory.mktemp("updates"), analyzer)
    archive.write("z.txt")
    archive.reindex()
    twin = MemoryEngine(archive.corpus.parent / "other", analyzer)
    reindex(twin, archive.corpus)
    for batch in batches:
        touched = set()
        for name, step, other in batch:
            path = archive.corpus / name
            touched.add(name)
            if step in ("write", "rewrite"):
                archive.write(name, other if step == "rewrite" else name)
                if name.endswith(".toml"):
                    path.write_text('department = "과"\n' * (step == "write"), "utf-8")
            elif path.exists():
                if step == "remove":
                    path.unlink()
                elif not (archive.corpus / other).exists():
                    (archive.corpus / other).parent.mkdir(parents=True, exist_ok=True)
                    path.rename(archive.corpus / other)
                    touched.add(other)
        archive.update(*touched, allow_removals=True)
        reindex(twin, archive.corpus, allow_removals=True)
    # Of two files with one release, either may have it.
    assert set(archive.state()) == set(state_of(twin)), batches
    assert {content for content, _ in archive.state().values()} == {
        content for content, _ in state_of(twin).values()
    }, batches
