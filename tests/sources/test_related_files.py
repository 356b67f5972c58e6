"""Sidecars and attachments: which file belongs to which release, and what a hit can say of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.bootstrap import open_service
from indexer.engines.whoosh import WhooshEngine
from indexer.indexing.reindex import reindex
from indexer.release import SEOUL, PressRelease, Section
from indexer.search.request import SearchRequest
from indexer.settings import Settings
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_document, read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.problems import ReadProblem
from tests.support.corpus import write
from tests.support.documents import hwpx, paragraph, pdf, table
from tests.support.releases import release_hwpx


def only_file(corpus: Path) -> CorpusFile:
    (file,), refusals = list_files(corpus)
    assert refusals == []
    return file


def read_all(corpus: Path) -> list[PressRelease | ReadProblem]:
    return list(read_file(only_file(corpus)))


def test_a_sidecar_overrides_the_release(tmp_path: Path) -> None:
    write(tmp_path, "보도.hwpx", release_hwpx())
    side = 'title = "고친 제목"\n기관 = "창원특례시"\n배포 = 2023-04-05T10:00:00\nembargo = "즉시"\n'
    write(tmp_path, "보도.toml", side)
    (release,) = read_all(tmp_path)
    assert isinstance(release, PressRelease)
    assert (release.title, release.outlet, release.department) == ("고친 제목", "창원특례시", "투자유치단")
    assert release.published_at == datetime(2023, 4, 5, 10, tzinfo=SEOUL)
    assert release.embargo_until is None
    assert release.body.startswith("창원시(시장")
    origins = {item.field: item.origin for item in read_document(only_file(tmp_path)).fields}
    assert origins["title"] == "곁 파일 보도.toml"
    assert origins["department"].startswith("‘담당 부서")
    assert dict(release.origins) == origins


def test_a_sidecar_gives_the_title_that_a_document_lacks(tmp_path: Path) -> None:
    write(tmp_path, "a.hwpx", hwpx(table([["가", "나"], ["다", "라"]])))
    write(tmp_path, "a.toml", 'title = "제목"\n')
    (release,) = read_all(tmp_path)
    assert isinstance(release, PressRelease)
    assert (release.title, release.body) == ("제목", "가 | 나\n다 | 라")


def test_trouble_with_a_sidecar_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a.hwpx", release_hwpx())
    write(tmp_path, "a.toml", "title = 따옴표 없이\n")
    (refusal,) = read_all(tmp_path)
    assert isinstance(refusal, ReadProblem)
    assert "TOML" in refusal.reason
    write(tmp_path, "a.toml", 'author = "나"\n')
    warning, release = read_all(tmp_path)
    assert isinstance(warning, ReadProblem)
    assert warning.severity == "warning"
    assert "author" in warning.reason
    assert isinstance(release, PressRelease)


def test_a_sidecar_alone_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'title = "제목"\n')
    files, (refusal,) = list_files(tmp_path)
    assert files == []
    assert "곁 파일" in refusal.reason


def test_attachments_are_told_by_their_names(tmp_path: Path) -> None:
    write(tmp_path, "보도.hwpx", release_hwpx())
    for name in ("보도_붙임1.hwpx", "보도 별첨.txt", "보도.첨부/도면.pdf"):
        write(tmp_path, name, b"x")
    write(tmp_path, "보도.toml", 'attachments = ["사진 설명.txt"]\n')
    write(tmp_path, "사진 설명.txt", "사진이다.")
    write(tmp_path, "보도2.hwpx", release_hwpx())
    first, second = list_files(tmp_path)[0]
    assert [path.name for path in first.attachments] == [
        "사진 설명.txt", "보도 별첨.txt", "도면.pdf", "보도_붙임1.hwpx",
    ]  # fmt: skip
    assert (second.source_path, second.attachments) == ("보도2.hwpx", ())


def test_sections_of_an_attachment_say_which_file_page_and_table(tmp_path: Path) -> None:
    write(tmp_path, "보도.hwpx", release_hwpx())
    annex = hwpx(paragraph("붙임의 글이다."), table([["구분", "건수"], ["산불", "12"]]))
    write(tmp_path, "보도_붙임1.hwpx", annex)
    write(
        tmp_path,
        "보도_붙임2.pdf",
        pdf([(60, 100, 10, "첫 쪽의 글이다.")], [(60, 100, 10, "둘째 쪽의 글이다.")]),
    )
    (release,) = read_all(tmp_path)
    assert isinstance(release, PressRelease)
    assert [section for section in release.sections if section.file] == [
        Section("보도_붙임1.hwpx", ("붙임의 글이다.",), "보도_붙임1.hwpx"),
        Section("보도_붙임1.hwpx · 표 1", ("구분 | 건수", "산불 | 12"), "보도_붙임1.hwpx", table=1),
        Section("보도_붙임2.pdf · 1쪽", ("첫 쪽의 글이다.",), "보도_붙임2.pdf", page=1),
        Section("보도_붙임2.pdf · 2쪽", ("둘째 쪽의 글이다.",), "보도_붙임2.pdf", page=2),
    ]
    first = release.attachments[0]
    assert (first.name, first.size_bytes) == ("보도_붙임1.hwpx", len(annex))


def test_an_attachment_that_cannot_be_read_is_listed_with_a_warning(tmp_path: Path) -> None:
    write(tmp_path, "보도.hwpx", release_hwpx())
    write(tmp_path, "보도_붙임.pdf", b"%PDF-1.7\n")
    warning, release = read_all(tmp_path)
    assert isinstance(warning, ReadProblem)
    assert warning.severity == "warning"
    assert "보도_붙임.pdf" in warning.reason
    assert isinstance(release, PressRelease)
    assert [item.name for item in release.attachments] == ["보도_붙임.pdf"]


def test_a_picture_is_listed_and_nobody_is_told(tmp_path: Path) -> None:
    write(tmp_path, "보도.hwpx", release_hwpx())
    write(tmp_path, "보도.첨부/사진.png", b"\x89PNG\r\n")
    write(tmp_path, "보도.첨부/표.xlsx", b"PK\x03\x04")
    (release,) = read_all(tmp_path)
    assert isinstance(release, PressRelease)
    assert [item.name for item in release.attachments] == ["사진.png", "표.xlsx"]
    assert release.attachments[0].media_type == "image/png"


def test_a_changed_companion_is_a_change_of_the_release(tmp_path: Path) -> None:
    file = write(tmp_path, "보도.hwpx", release_hwpx())
    alone = only_file(tmp_path).digest()
    assert alone == CorpusFile(file.path, "보도.hwpx").digest()
    write(tmp_path, "보도.toml", 'title = "가"\n')
    with_side = only_file(tmp_path).digest()
    write(tmp_path, "보도_붙임.txt", "글")
    with_annex = only_file(tmp_path).digest()
    write(tmp_path, "보도_붙임.txt", "고친 글")
    assert len({alone, with_side, with_annex, only_file(tmp_path).digest()}) == 4


def test_an_attachment_is_found_with_its_release(tmp_path: Path, analyzer: Analyzer) -> None:
    corpus = tmp_path / "corpus"
    write(corpus, "보도.hwpx", release_hwpx())
    write(corpus, "보도_붙임.hwpx", hwpx(paragraph("두루미가 돌아왔다.")))
    engine = WhooshEngine(tmp_path / "index", analyzer)
    first = reindex(engine, corpus)
    assert (first.added, first.failed) == (1, False)
    (hit,) = open_service(Settings(index=tmp_path / "index")).search(SearchRequest(q="두루미")).hits
    assert hit.title.text == "하노버에 첫 창원공동관"
    assert reindex(engine, corpus).unchanged == 1
    write(corpus, "보도_붙임.hwpx", hwpx(paragraph("황새가 돌아왔다.")))
    assert reindex(engine, corpus).updated == 1
