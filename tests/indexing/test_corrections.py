"""Corrections: a release with the same id replaces the old one, whatever comes in which order, and the index says
since when.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engine import And, Engine, FacetIn, Search
from indexer.engines.memory import MemoryEngine
from indexer.engines.whoosh import WhooshEngine
from indexer.indexing import comparison
from indexer.indexing.change import add, remove
from indexer.indexing.reindex import maintain, reindex
from indexer.indexing.report import Report
from indexer.indexing.update import update
from indexer.release import SEOUL, PressRelease, identify
from indexer.sources.corpus.reading import read_file

PUBLISHED = datetime(2026, 11, 2, 9, tzinfo=SEOUL)
BODY = "창원시는 새 도서관을 열었다고 밝혔다. 시민 누구나 아침 아홉 시부터 저녁 열 시까지 쓸 수 있고 책은 삼만 권이다."
BODY += "".join(
    f" {number}층에는 {number * 37}석이 있고 {chr(0xAC00 + number * 588)} 모임이 열린다."
    for number in range(1, 16)
)
OTHER_BODY = "산림청은 봄철 산불을 막으려고 감시원 오백 명을 뽑는다. 드론 열두 대가 날마다 산을 살피고 불씨를 찾으면 곧바로 알린다."
OTHER_BODY += "".join(f" 감시원 {number}조는 {number * 41}개 골짜기를 지킨다." for number in range(1, 16))


class Corpus:
    """A corpus folder and its index."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder / "corpus", engine
        self.folder.mkdir(parents=True)

    def write(
        self, name: str, title: str = "새 도서관 문 열어", body: str = BODY, *, mtime: int = 0, **fields: str
    ) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        head = {
            "title": title,
            "outlet": "창원시",
            "date": f"{PUBLISHED:%Y-%m-%d %H:%M}",
            "id": "77",
            **fields,
        }
        lines = "".join(f"{key}: '{value}'\n" for key, value in head.items() if value)
        path.write_text(f"---\n{lines}---\n{body}\n", "utf-8")
        if mtime:
            os.utime(path, (mtime, mtime))
        return path

    def reindex(self, **options: bool) -> Report:
        report = reindex(self.engine, self.folder, allow_removals=True, **options)  # type: ignore[arg-type]
        maintain(self.engine)
        return report

    def indexed(self) -> dict[str, PressRelease]:
        with closing(self.engine.open(embargoed=True)) as snapshot:
            found = snapshot.search(Search(query=And(()), limit=1_000))
            return {release.id: release for release in snapshot.fetch([doc.ref for doc in found.docs])}

    def corrected(self) -> dict[str, datetime | None]:
        """When each release was corrected; the facet agrees."""
        times = {key: release.corrected_at for key, release in self.indexed().items()}
        with closing(self.engine.open(embargoed=True)) as snapshot:
            found = snapshot.search(Search(query=FacetIn("corrected", ("yes",)), limit=1_000))
            assert {doc.id for doc in found.docs} == {key for key, time in times.items() if time}
        return times


@pytest.fixture(params=[MemoryEngine, WhooshEngine])
def corpus(request: pytest.FixtureRequest, tmp_path: Path, analyzer: Analyzer) -> Corpus:
    return Corpus(tmp_path, request.param(tmp_path / "index", analyzer))


def problems(report: Report) -> list[str]:
    return [f"{one.source_path}: {one.reason}" for one in report.refusals]


# The same file with other bytes.


def test_a_changed_release_says_since_when(corpus: Corpus) -> None:
    corpus.write("보도.md")
    corpus.reindex()
    assert corpus.corrected() == {"77": None}
    before = datetime.now(SEOUL) - timedelta(seconds=1)
    corpus.write("보도.md", body=BODY.replace("삼만", "사만"))
    assert corpus.reindex().updated == 1
    at = corpus.corrected()["77"]
    assert at
    assert before <= at <= datetime.now(SEOUL)
    assert at.tzinfo
    assert "사만" in corpus.indexed()["77"].body


def test_it_is_kept_by_moves_and_rebuilds(corpus: Corpus) -> None:
    path = corpus.write("보도.md")
    corpus.write("다른.md", id="78", title="다른 소식", body=OTHER_BODY)
    corpus.reindex()
    corpus.write("보도.md", body=BODY.replace("삼만", "사만"))
    corpus.reindex()
    at = corpus.corrected()
    assert at["77"]
    assert corpus.reindex().unchanged == 2
    path.rename(corpus.folder / "옮김.md")
    assert corpus.reindex().moved == 1
    assert corpus.corrected() == at
    (corpus.folder / "dictionary.txt").write_text("도서관\n", "utf-8")
    corpus.reindex()
    assert corpus.corrected() == at
    assert corpus.reindex(full=True).unchanged == 2
    assert corpus.corrected() == at
    # Only what is said of it changes: by whom it is filed.
    corpus.write("옮김.md", body=BODY.replace("삼만", "사만"), department="도서관과")
    assert corpus.reindex().updated == 1
    assert corpus.corrected() == at


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"title": "새 도서관 열어"}, True),
        ({"subtitle": "책 삼만 권"}, True),
        ({"embargo": "2026-11-02 10:00"}, True),
        ({"contact": "055-225-0000"}, True),
        ({"date": "2026-11-03 09:00"}, True),
        ({"date": "2026-11-02 11:00"}, False),
        ({"body": BODY.replace(". ", ".\n\n")}, False),
        ({"department": "도서관과"}, False),
        ({"url": "https://example.go.kr/1"}, False),
    ],
)
def test_what_counts_as_a_correction(
    tmp_path: Path, analyzer: Analyzer, fields: dict[str, str], counts: bool
) -> None:
    corpus = Corpus(tmp_path, MemoryEngine(tmp_path / "index", analyzer))
    corpus.write("보도.md")
    corpus.reindex()
    corpus.write("보도.md", **fields)  # type: ignore[arg-type]
    assert corpus.reindex().updated == 1
    assert bool(corpus.corrected()["77"]) == counts


def test_a_new_way_of_reading_is_no_correction(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus.write("보도.md")
    corpus.reindex()
    (corpus.folder / "outlets.txt").write_text("경상남도 창원시 = 창원시\n", "utf-8")
    assert corpus.reindex().updated == 1
    real = read_file

    def read(*arguments: object) -> Iterator[object]:
        for item in real(*arguments):  # type: ignore[arg-type]
            assert isinstance(item, PressRelease)
            yield identify(replace(item, title=f"{item.title}!"))

    monkeypatch.setattr(comparison, "read_file", read)
    assert corpus.reindex(full=True).updated == 1
    assert corpus.corrected() == {"77": None}


def test_what_waited_for_its_embargo_was_not_corrected(corpus: Corpus) -> None:
    corpus.write("보도.md", embargo="2090-01-01 09:00")
    corpus.reindex()
    corpus.write("보도.md", body=OTHER_BODY, embargo="2090-01-01 09:00")
    corpus.reindex()
    assert corpus.corrected() == {"77": None}


def test_a_record_of_a_file_with_a_complaint(corpus: Corpus) -> None:
    records = [
        {"id": str(n), "title": f"소식 {n}", "body": f"{n}번째 {BODY}", "모르는 이름": 1} for n in range(5)
    ]
    path = corpus.folder / "모음.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    corpus.reindex()
    assert corpus.reindex().unchanged == 5
    records[3]["body"] = OTHER_BODY
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    corpus.reindex()
    assert [key for key, at in corpus.corrected().items() if at] == ["3"]
    at = corpus.corrected()
    corpus.reindex(full=True)
    assert corpus.corrected() == at


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2026-11-04 15:00", datetime(2026, 11, 4, 15, tzinfo=SEOUL)),
        ("2026-11-02 09:59", None),
        ("2026-11-02 10:00", datetime(2026, 11, 2, 10, tzinfo=SEOUL)),
        ("2025-01-01", None),
        ("Y", None),
    ],
)
def test_a_stated_time_counts_where_it_is_later(
    corpus: Corpus, stated: str, expected: datetime | None
) -> None:
    corpus.write("보도.md", 수정일=stated)
    corpus.reindex()
    assert corpus.corrected() == {"77": expected}
    corpus.write("보도.md", 수정일="2026-11-20 10:00")
    corpus.reindex()
    at = datetime(2026, 11, 20, 10, tzinfo=SEOUL)
    assert corpus.corrected() == {"77": at}
    corpus.write("보도.md", body=BODY.replace("삼만", "사만"), 수정일="2026-11-20 10:00")
    corpus.reindex()
    assert corpus.corrected() == {"77": at}


# Another file with the same id.


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "[정정] 새 도서관 문 열어", "body": OTHER_BODY},
        {"title": "(수정)새 도서관 문열어", "body": OTHER_BODY},
        {"title": "아주 다른 제목", "body": BODY.replace("삼만", "사만")},
        {"title": "재배포: ‘새 도서관’ 문 열어", "body": OTHER_BODY},
        {"outlet": "창원특례시", "body": BODY.replace("삼만", "사만")},
        {"outlet": "창원시 문화예술과", "body": BODY.replace("삼만", "사만")},
        {"outlet": "", "body": BODY.replace("삼만", "사만")},
    ],
)
def test_a_later_one_replaces_it_and_gives_it_back(corpus: Corpus, fields: dict[str, str]) -> None:
    corpus.write("보도.md")
    corpus.reindex()
    later = corpus.write("가-정정.md", date="2026-11-05 10:00", **fields)  # type: ignore[arg-type]
    report = corpus.reindex()
    assert (report.updated, report.replaced, report.documents) == (1, 1, 1)
    assert "보도.md" in problems(report)[0]
    assert corpus.indexed()["77"].source_path == "가-정정.md"
    at = datetime(2026, 11, 5, 10, tzinfo=SEOUL)
    assert corpus.corrected() == {"77": at}
    for full in (False, True, False):
        report = corpus.reindex(full=full)
        assert (report.unchanged, report.replaced, report.documents) == (1, 1, 1)
        assert corpus.corrected() == {"77": at}
    later.unlink()
    assert (corpus.reindex().replaced, corpus.indexed()["77"].source_path) == (0, "보도.md")
    assert corpus.corrected() == {"77": None}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "산불 막을 사람 뽑는다", "body": OTHER_BODY},
        {"outlet": "산림청", "body": BODY.replace("삼만", "사만")},
    ],
)
def test_what_is_another_release_stays_beside_it(corpus: Corpus, fields: dict[str, str]) -> None:
    corpus.write("보도.md")
    corpus.write("아래.md", date="2026-11-05 10:00", **fields)  # type: ignore[arg-type]
    for full in (False, False, True):
        report = corpus.reindex(full=full)
        assert (report.replaced, report.documents) == (0, 2)
        assert "아래.md" in problems(report)[0]
        assert corpus.indexed()["77"].source_path == "보도.md"
    (corpus.folder / "보도.md").unlink()
    corpus.reindex()
    assert {key: one.source_path for key, one in corpus.indexed().items()} == {"77": "아래.md"}


def test_a_page_that_two_sources_list_is_one_release(corpus: Corpus) -> None:
    page = {"url": "https://example.go.kr/view.do?no=1"}
    corpus.write("시목록/가.md", mtime=1_790_000_000, outlet="", **page)
    corpus.write("시RSS/가.md", title="[보도자료] 새 도서관", body=f"{BODY} 끝.", mtime=1_780_000_000,
                 outlet="홍보담당관", **page)  # fmt: skip
    for full in (False, True, False):
        report = corpus.reindex(full=full)
        assert (report.replaced, report.documents) == (0, 1)
        assert corpus.indexed()["77"].source_path == "시RSS/가.md"
        assert corpus.corrected() == {"77": None}
        (problem,) = report.refusals
        assert problem.source_path == "시목록/가.md"
        assert "id를 바꾸" not in problem.hint
        assert "정정" not in problem.reason
    # Attachments count before the text.
    (corpus.folder / "시목록/가.첨부").mkdir()
    (corpus.folder / "시목록/가.첨부/표.txt").write_text("표", "utf-8")
    corpus.reindex()
    assert corpus.indexed()["77"].source_path == "시목록/가.md"
    assert corpus.corrected() == {"77": None}
    # One of them says that it is a correction.
    corpus.write("시RSS/가.md", title="[정정] 새 도서관", outlet="홍보담당관", **page)  # type: ignore[arg-type]
    assert corpus.reindex().replaced == 1
    assert corpus.indexed()["77"].source_path == "시RSS/가.md"


def test_a_copy_without_its_embargo_publishes_nothing_early(corpus: Corpus) -> None:
    page = {"url": "https://example.go.kr/view.do?no=1"}
    corpus.write("나.md", embargo="2090-01-01 09:00", mtime=1_780_000_000, **page)
    corpus.write("가.md", body=f"{BODY} 끝.", mtime=1_790_000_000, **page)
    corpus.reindex()
    assert corpus.indexed()["77"].source_path == "나.md"


def test_what_comes_later_does_not_take_the_id_of_another(corpus: Corpus) -> None:
    corpus.write("창원.md", mtime=1_780_000_000)
    corpus.reindex()
    corpus.write("김해.md", outlet="김해시", body=OTHER_BODY, mtime=1_790_000_000)
    corpus.reindex()
    corpus.write("가.md", outlet="산림청", body=OTHER_BODY, date="2026-11-03 09:00", mtime=1_700_000_000)
    for full in (False, True):
        assert corpus.reindex(full=full).documents == 3
        assert corpus.indexed()["77"].source_path == "창원.md"


def test_the_time_of_the_file_tells_where_nothing_else_does(corpus: Corpus) -> None:
    corpus.write("나.md", mtime=1_790_000_000)
    corpus.write("가.md", body=BODY.replace("삼만", "사만"), mtime=1_790_000_100)
    corpus.reindex()
    assert corpus.indexed()["77"].source_path == "가.md"
    assert corpus.corrected()["77"] == datetime.fromtimestamp(1_790_000_100, SEOUL)
    corpus.write("보도_정정.md", body=BODY.replace("삼만", "오만"), mtime=1_780_000_000)
    corpus.reindex()
    assert corpus.indexed()["77"].source_path == "보도_정정.md"


def test_records_of_one_file_by_their_order(corpus: Corpus) -> None:
    records = [
        {
            "id": "77",
            "title": "새 도서관",
            "outlet": "창원시",
            "body": f"{BODY} {number}",
            "date": "2026-11-02",
        }
        for number in range(3)
    ]
    path = corpus.folder / "모음.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    report = corpus.reindex()
    assert (report.replaced, report.documents) == (2, 1)
    assert corpus.indexed()["77"].body.endswith("2")
    name = corpus.engine.live_name()
    assert corpus.reindex().unchanged == 1
    assert corpus.engine.live_name() == name
    path.write_text("\n".join(map(json.dumps, [*records, {**records[0], "id": "78"}])), "utf-8")
    report = corpus.reindex()
    assert (report.added, report.updated, report.documents) == (1, 0, 2)
    corpus.reindex(full=True)
    assert corpus.indexed()["77"].body.endswith("2")


def test_one_that_cannot_be_read_now_is_still_the_later(corpus: Corpus) -> None:
    corpus.write("보도.md")
    later = corpus.write("나중.md", date="2026-11-05 10:00", body=BODY.replace("삼만", "사만"))
    corpus.reindex()
    data = later.read_bytes()
    later.write_bytes(b"PK\x03\x04")
    for full in (False, True):
        report = corpus.reindex(full=full)
        assert (report.kept, report.replaced, report.documents) == (1, 1, 1)
        assert "사만" in corpus.indexed()["77"].body
    later.write_bytes(data)
    assert corpus.reindex().documents == 1


def test_a_correction_under_embargo_leaves_what_may_be_read(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.write("보도.md")
    corpus.write(
        "보도_정정.md", body=BODY.replace("삼만", "사만"), embargo="2090-01-01 09:00", 수정일="2089-01-01"
    )
    for _ in range(2):
        report = corpus.reindex()
        assert (report.replaced, report.documents) == (0, 2)
        assert report.waiting == {"보도_정정.md": datetime(2090, 1, 1, 9, tzinfo=SEOUL)}
        assert "보도.md의 것을 정정한 것" in problems(report)[0]
        with closing(corpus.engine.open()) as snapshot:
            assert [doc.id for doc in snapshot.search(Search(query=And(()))).docs] == ["77"]
        assert "삼만" in corpus.indexed()["77"].body
    monkeypatch.setattr(comparison, "present", lambda: datetime(2090, 1, 1, 9, tzinfo=SEOUL))
    assert (corpus.reindex().replaced, list(corpus.indexed())) == (1, ["77"])
    assert "사만" in corpus.indexed()["77"].body


def test_add_and_remove(corpus: Corpus, tmp_path: Path) -> None:
    drafts = Corpus(tmp_path / "drafts", corpus.engine)
    corpus.write("보도.md")
    corpus.reindex()
    later = drafts.write("보도_정정.md", body=BODY.replace("삼만", "사만"))
    report = add(corpus.engine, corpus.folder, [later])
    assert (report.updated, report.replaced, report.documents) == (1, 1, 1)
    assert "사만" in corpus.indexed()["77"].body
    # Another release takes the place of the correction: what it replaced is back.
    other = drafts.write("보도_정정.md", id="78", title="다른 소식", body=OTHER_BODY)
    add(corpus.engine, corpus.folder, [other], replace_files=True, allow_removals=True)
    assert {key: one.source_path for key, one in corpus.indexed().items()} == {
        "77": "보도.md",
        "78": "보도_정정.md",
    }
    remove(corpus.engine, corpus.folder, ["77"])
    assert corpus.indexed().keys() == {"78"}
    assert (corpus.reindex().documents, corpus.reindex(full=True).documents) == (1, 1)


def test_two_at_once_by_add(corpus: Corpus, tmp_path: Path) -> None:
    drafts = Corpus(tmp_path / "drafts", corpus.engine)
    corpus.write("가.md", id="1", title="다른 소식", body=OTHER_BODY)
    corpus.reindex()
    files = [drafts.write("보도.md"), drafts.write("보도_정정.md", body=BODY.replace("삼만", "사만"))]
    report = add(corpus.engine, corpus.folder, files)
    assert (report.added, report.replaced, report.documents) == (1, 1, 2)
    assert "사만" in corpus.indexed()["77"].body


# In any order of arrival.

NAMES = ("가.md", "나_정정.md", "다.md", "라.jsonl")
TITLES = ("새 도서관 문 열어", "[정정] 새 도서관 문 열어", "산불 막을 사람 뽑는다")
BODIES = (BODY, BODY.replace("삼만", "사만"), OTHER_BODY, OTHER_BODY.replace("오백", "육백"))


@st.composite
def released(draw: st.DrawFn) -> dict[str, str]:
    return {
        "id": draw(st.sampled_from(["77", "77", "78"])),
        "title": draw(st.sampled_from(TITLES)),
        "body": draw(st.sampled_from(BODIES)),
        "outlet": draw(st.sampled_from(["창원시", "창원특례시", "산림청", ""])),
        "date": draw(st.sampled_from(["", "2026-11-02 09:00", "2026-11-05 10:00"])),
        "modified": draw(st.sampled_from(["", "", "2026-11-07"])),
        "url": draw(st.sampled_from(["", "", "https://example.go.kr/1"])),
    }


def one_release(**fields: str) -> dict[str, str]:
    plain = {
        "id": "77",
        "title": TITLES[0],
        "body": BODIES[0],
        "outlet": "창원시",
        "date": "2026-11-02 09:00",
    }
    return {**plain, **fields}


def test_a_title_that_says_correction_finds_what_it_corrects(corpus: Corpus) -> None:
    corpus.write("가.md", id="")
    corpus.write("다.md", "수정 예산안을 의결", OTHER_BODY, id="")
    corpus.reindex()
    corpus.write("나.md", "[정정] 새 도서관 문 열어", BODY.replace("삼만", "사만"), id="")
    corpus.write("라.md", "예산안을 의결", OTHER_BODY, id="")
    assert corpus.reindex().replaced == 1
    found = corpus.indexed()
    assert sorted(one.title for one in found.values()) == [
        "[정정] 새 도서관 문 열어", "수정 예산안을 의결", "예산안을 의결",
    ]  # fmt: skip
    assert [one.title for one in found.values() if one.corrected_at] == ["[정정] 새 도서관 문 열어"]


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("write"),
            st.sampled_from(NAMES),
            st.lists(released(), min_size=1, max_size=3),
            st.integers(1, 3),
        ),
        st.tuples(
            st.just("add"),
            st.sampled_from(NAMES),
            st.lists(released(), min_size=1, max_size=3),
            st.integers(1, 3),
        ),
        st.tuples(st.just("unlink"), st.sampled_from(NAMES)),
        st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("reindex")),
        st.tuples(st.just("full")),
    ),
    min_size=1,
    max_size=8,
)


def put(path: Path, records: list[dict[str, str]], mtime: int) -> None:
    if path.suffix == ".jsonl":
        text = "\n".join(json.dumps({key: value for key, value in one.items() if value}) for one in records)
    else:
        one = dict(records[0])
        body = one.pop("body")
        text = (
            "---\n" + "".join(f"{key}: '{value}'\n" for key, value in one.items() if value) + f"---\n{body}\n"
        )
    path.write_text(text, "utf-8")
    os.utime(path, (1_790_000_000 + mtime, 1_790_000_000 + mtime))


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=CHANGES)
# What an addition takes away had joined two others.
@example(
    changes=[
        ("write", "나_정정.md", [one_release(title=TITLES[2], body=BODIES[1], date="2026-11-05 10:00")], 1),
        (
            "write",
            "라.jsonl",
            [
                one_release(title=TITLES[2], body=BODIES[3], date="2026-11-02 09:00"),
                one_release(title=TITLES[1], body=BODIES[0], date="2026-11-05 10:00"),
                one_release(title=TITLES[2], body=BODIES[2], date="2026-11-05 10:00", modified="2026-11-07"),
            ],
            3,
        ),
        ("add", "나_정정.md", [one_release(id="78")], 3),
    ]
)
# Another release has the id, and only the stated time changes.
@example(
    changes=[
        ("add", "다.md", [one_release(title=TITLES[2], body=BODIES[3])], 1),
        ("write", "라.jsonl", [one_release()], 1),
        ("add", "다.md", [one_release(title=TITLES[2], body=BODIES[3], modified="2026-11-07")], 3),
    ]
)
def test_any_order_comes_to_what_a_rebuild_has(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer, changes: list[tuple[object, ...]]
) -> None:
    note(
        str(
            [
                [
                    what
                    if not isinstance(what, list)
                    else [{**one, "body": BODIES.index(one["body"])} for one in what]
                    for what in change
                ]
                for change in changes
            ]
        )
    )
    folder = tmp_path_factory.mktemp("orders")
    corpus = Corpus(folder, MemoryEngine(folder / "index", analyzer))
    drafts = folder / "drafts"
    drafts.mkdir()
    for number, (kind, *what) in enumerate(changes):
        if kind == "reindex" or kind == "full":
            corpus.reindex(full=kind == "full")
            continue
        path = corpus.folder / str(what[0])
        if kind == "unlink":
            path.unlink(missing_ok=True)
        elif kind == "rename" and path.exists() and path.suffix == Path(str(what[1])).suffix:
            path.rename(corpus.folder / str(what[1]))
        elif kind == "write":
            put(path, what[1], what[2])  # type: ignore[arg-type]
        elif kind == "add":
            corpus.reindex()
            draft = drafts / path.name
            put(draft, what[1], what[2])  # type: ignore[arg-type]
            add(corpus.engine, corpus.folder, [draft], replace_files=True, allow_removals=True)
            check(corpus, folder / f"whole{number}", analyzer)
    corpus.reindex()
    check(corpus, folder / "whole", analyzer)
    # Once more: nothing is left to do.
    name = corpus.engine.live_name()
    corpus.reindex()
    assert corpus.engine.live_name() == name


def check(corpus: Corpus, folder: Path, analyzer: Analyzer) -> None:
    """The index has what an index has that is made anew."""
    engine = MemoryEngine(folder, analyzer)
    reindex(engine, corpus.folder)
    with closing(engine.open(embargoed=True)) as snapshot:
        found = snapshot.search(Search(query=And(()), limit=1_000))
        whole = {
            release.id: release.content_hash for release in snapshot.fetch([doc.ref for doc in found.docs])
        }
    assert {key: release.content_hash for key, release in corpus.indexed().items()} == whole
    assert corpus.indexed().keys() == corpus.corrected().keys()


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from(["write", "unlink", "rename"]),
            st.sampled_from(NAMES),
            st.sampled_from(NAMES),
            st.lists(released(), min_size=1, max_size=3),
            st.integers(1, 3),
        ),
        min_size=1,
        max_size=6,
    ),
    everywhere=st.booleans(),
)
def test_updates_of_single_files_come_to_what_a_rebuild_has(
    tmp_path_factory: pytest.TempPathFactory,
    analyzer: Analyzer,
    changes: list[tuple[str, str, str, list[dict[str, str]], int]],
    everywhere: bool,
) -> None:
    """As one who watches tells of each change by itself."""
    note(
        str(
            [
                (*change[:3], [{**one, "body": BODIES.index(one["body"])} for one in change[3]], change[4])
                for change in changes
            ]
        )
        + f" {everywhere}"
    )
    folder = tmp_path_factory.mktemp("updates")
    corpus = Corpus(folder, MemoryEngine(folder / "index", analyzer))
    corpus.reindex()
    for number, (kind, name, other, records, mtime) in enumerate(changes):
        path, touched = corpus.folder / name, {name}
        if kind == "write":
            put(path, records, mtime)
        elif kind == "unlink":
            path.unlink(missing_ok=True)
        elif path.exists() and path.suffix == Path(other).suffix:
            path.rename(corpus.folder / other)
            touched.add(other)
        update(
            corpus.engine,
            corpus.folder,
            [Path(one) for one in touched],
            removed=[Path(one) for one in touched],
            everywhere=everywhere,
            allow_removals=True,
        )
        check(corpus, folder / f"whole{number}", analyzer)
