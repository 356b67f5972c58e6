"""Files and folders: what is read, what is refused, and what a person is told."""

from __future__ import annotations

import gzip
import json
import lzma
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import SourceError
from indexer.release import SEOUL, Attachment, PressRelease
from indexer.sources import parsing
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.extraction import json_lines
from indexer.sources.problems import ReadProblem
from tests.support.corpus import read_one, refuse_one, write

PAGE = "창원시 소식\n\n창원시가 나무를 심었다.\n"


# Folders


def test_files_are_listed_by_their_composed_path(tmp_path: Path) -> None:
    for name in ("b.txt", "가/나.md", "a/c.jsonl.xz", ".숨김.txt", ".git/d.txt", "FORMAT.md", "synonyms.txt"):
        write(tmp_path, name, PAGE)
    files, refusals = list_files(tmp_path)
    assert [file.source_path for file in files] == ["a/c.jsonl.xz", "b.txt", "가/나.md"]
    assert refusals == []


def test_a_single_file_is_a_corpus(tmp_path: Path) -> None:
    file = write(tmp_path, "b.txt", PAGE)
    assert list_files(file.path) == ([file], [])


def test_an_unknown_extension_is_refused_with_what_is_supported(tmp_path: Path) -> None:
    write(tmp_path, "a.exe", PAGE)
    files, (refusal,) = list_files(tmp_path)
    assert files == []
    assert refusal.source_path == "a.exe"
    assert ".jsonl.xz" in refusal.hint


def test_a_corpus_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="없습니다"):
        list_files(tmp_path / "없음")


def test_an_unreadable_folder_is_refused_and_the_rest_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.txt", PAGE)
    write(tmp_path, "닫힘/b.txt", PAGE)
    scandir = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if os.fspath(path).endswith("닫힘"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files, (refusal,) = list_files(tmp_path)
    assert [file.source_path for file in files] == ["a.txt"]
    assert refusal.source_path == "닫힘"
    assert "읽을 수 없습니다" in refusal.reason


def test_links_that_lead_back_do_not_hang(tmp_path: Path) -> None:
    write(tmp_path, "a/b.txt", PAGE)
    (tmp_path / "a" / "위").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "자신").symlink_to(tmp_path / "a", target_is_directory=True)
    files, refusals = list_files(tmp_path)
    assert [file.source_path for file in files] == ["a/b.txt"]
    assert refusals == []


def test_what_is_not_a_file_is_refused_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "관.txt")
    (tmp_path / "끊김.txt").symlink_to(tmp_path / "없음.txt")
    files, refusals = list_files(tmp_path)
    assert files == []
    assert [refusal.source_path for refusal in refusals] == ["관.txt", "끊김.txt"]


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (refusal,) = read_file(CorpusFile(tmp_path / "사라짐.txt", "사라짐.txt"))
    assert isinstance(refusal, ReadProblem)
    assert "읽을 수 없습니다" in refusal.reason


# Text files


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "빈 파일"),
        ("a.txt", b"\xef\xbb\xbf \n\n", "빈 파일"),
        ("a.txt", b"\x7fELF\x02\x01\0\0\0", "이진 파일"),
        ("a.txt", b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        ("a.txt", b"\x1b[31m", "제어 문자(U+001B)"),
        ("a.txt", "彼は今日も学校へ行きます。天気がよい。".encode("euc-jp"), "인코딩"),
        ("a.txt", "彼は今日も学校へ行きます。天気がよい。".encode("shift-jis"), "인코딩"),
        ("a.txt", "这个城市今天种了很多树，大家都非常高兴，明天还要继续。".encode("gbk"), "인코딩"),
        ("a.txt", "Élève déjà là\n".encode("latin-1"), "인코딩"),
        ("a.txt", b"\xff\xfea", "UTF-16"),
        ("a.txt", "댓글 0\n공유하기\n", "제목"),
        ("a.md", "본문뿐이다.\n", "제목"),
        ("a.jsonl", b"", "빈 파일"),
        ("a.jsonl", b"\n\n", "빈 파일"),
        ("a.jsonl", "{}".encode("utf-16"), "UTF-16"),
        ("a.jsonl", b"\x7fELF\0\0", "이진 파일"),
        ("a.jsonl.gz", b"\x1f\x8bjunk", "압축"),
        ("a.jsonl.xz", b"not xz at all", "압축"),
    ],
)
def test_content_that_is_no_release_is_refused(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    assert reason in refuse_one(tmp_path, name, content).reason


def test_a_control_character_is_refused_with_its_line(tmp_path: Path) -> None:
    assert refuse_one(tmp_path, "a.txt", "제목\n\n본문\x07이다.\n").line == 3


def test_a_file_past_the_limit_is_refused(tmp_path: Path) -> None:
    line = "창원시가 나무를 심었다.\n".encode()
    refusal = refuse_one(tmp_path, "a.txt", line * (50_000_000 // len(line)))
    assert "20 MB" in refusal.reason


def test_a_long_file_within_the_limit_is_read(tmp_path: Path) -> None:
    release = read_one(tmp_path, "a.txt", "창원시 소식\n\n" + "창원시가 나무를 심었다.\n" * 50_000)
    assert len(release.body.splitlines()) == 50_000


@settings(deadline=None)
@given(st.binary(), st.sampled_from(["a.txt", "a.md", "a.jsonl", "a.jsonl.gz", "a.jsonl.xz"]))
def test_random_bytes_never_raise(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    list(read_file(write(tmp_path_factory.getbasetemp(), name, content)))


@settings(deadline=None)
@given(st.text())
def test_random_front_matter_never_raises(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    content = f"---\n{text}\n---\n# 제목\n{text}".encode("utf-8", "surrogatepass")
    list(read_file(write(tmp_path_factory.getbasetemp(), "a.md", content)))


# Front matter

DOCUMENT = """---
title: "홍남표 시장: 하노버 성과"
subtitle: 16일부터 4박 6일
outlet: 창원특례시
department: 공보관
reporter: 이도균
contact: 055-225-2222
published: 2023-04-25 01:28
embargo: 2023. 4. 25. 오전 6:00
url: https://example.org/1
id: 007
attachments:
  - 하노버.hwp
  - https://example.org/files/%EC%82%AC%EC%A7%84.jpg
---

창원시가 협약을 맺었다.

## 첫 창원공동관

공동관을 열었다.
"""


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_front_matter_fills_every_field(tmp_path: Path, name: str) -> None:
    release = read_one(tmp_path, name, DOCUMENT)
    assert release.id == "007"
    assert release.title == "홍남표 시장: 하노버 성과"
    assert release.subtitles == ("16일부터 4박 6일",)
    assert (release.outlet, release.department, release.reporter) == ("창원특례시", "공보관", "이도균")
    assert (release.contact, release.url) == ("055-225-2222", "https://example.org/1")
    assert release.published_at == datetime(2023, 4, 25, 1, 28, tzinfo=SEOUL)
    assert release.embargo_until == datetime(2023, 4, 25, 6, tzinfo=SEOUL)
    assert release.attachments == (
        Attachment("하노버.hwp"),
        Attachment("사진.jpg", "https://example.org/files/%EC%82%AC%EC%A7%84.jpg"),
    )
    assert [(section.heading, section.paragraphs) for section in release.sections] == [
        ("", ("창원시가 협약을 맺었다.",)),
        ("첫 창원공동관", ("공동관을 열었다.",)),
    ]


def test_korean_names_mean_the_same(tmp_path: Path) -> None:
    release = read_one(
        tmp_path,
        "a.md",
        "---\n제목: 소식\n부제: [하나, 둘]\n매체: 창원시\n부서: 공보관\n기자: 이도균\n문의: 055-225-2222\n"
        "배포: 2023년 4월 25일\n보도시점: 즉시\n주소: https://example.org/1\n---\n본문이다.\n",
    )
    assert (release.title, release.subtitles, release.outlet) == ("소식", ("하나", "둘"), "창원시")
    assert (release.department, release.reporter, release.contact) == ("공보관", "이도균", "055-225-2222")
    assert (release.published_at, release.published_precision) == (datetime(2023, 4, 25, tzinfo=SEOUL), "day")
    assert release.embargo_until is None


@pytest.mark.parametrize("front", ["", "---\noutlet: 창원시\n---\n", "---\ntitle: 소식\n---\n"])
def test_the_first_heading_is_the_title(tmp_path: Path, front: str) -> None:
    release = read_one(tmp_path, "a.md", front + "\n# 소식\n\n본문이다.\n\n## 둘째\n\n끝이다.\n")
    assert release.title == "소식"
    assert release.headings == ("둘째",)
    assert release.body == "본문이다.\n둘째\n끝이다."


def test_a_value_may_begin_with_brackets(tmp_path: Path) -> None:
    head = "title: [정정] 창원시 \"봄꽃길\": 문 열어\nsubtitles: [하나, '둘']\n매체: [창원]시\n"
    release = read_one(tmp_path, "a.md", f"---\n{head}---\n본문이다.\n")
    assert release.title == '[정정] 창원시 "봄꽃길": 문 열어'
    assert release.subtitles == ("하나", "둘")
    assert release.outlet == "[창원]시"


def test_an_unknown_name_is_a_warning_and_the_release_is_read(tmp_path: Path) -> None:
    warning, release = read_file(write(tmp_path, "a.md", "---\ntitle: 소식\nauthor: 나\n---\n본문이다.\n"))
    assert isinstance(warning, ReadProblem)
    assert warning.severity == "warning"
    assert "author" in warning.reason
    assert "title/제목" in warning.hint
    assert isinstance(release, PressRelease)


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        ("---\ntitle: 소식\noutlet: [창원\n---\n본문\n", "YAML", 3),
        ("\n\n---\n\ntitle: a: b\n---\n본문\n", "YAML", 5),
        ("---\ntitle: 소식\n본문\n", "닫히지", 1),
        ("---\n- 소식\n---\n본문\n", "이름: 값", 1),
        ("---\noutlet: 창원시\n---\n본문\n", "제목", None),
        ("---\ntitle: {a: b}\n---\n본문\n", "title", None),
        ("---\ntitle: 소식\ndate: 어제\n---\n본문\n", "‘어제’", None),
        ("---\ntitle: 소식\ndate: 2023-02-30\n---\n본문\n", "2023-02-30", None),
        ("---\ntitle: 소식\nembargo: 조간\n---\n본문\n", "엠바고", None),
        ("---\ntitle: " + "[" * 5_000 + "\n---\n본문\n", "YAML", None),
    ],
)
def test_front_matter_errors_name_the_place(
    tmp_path: Path, content: str, reason: str, line: int | None
) -> None:
    refusal = refuse_one(tmp_path, "a.md", content)
    assert reason in refusal.reason
    assert line is None or refusal.line == line


# JSON Lines

RECORD = {
    "id": "156545862",
    "title": "신년 수출현장 방문",
    "ministry": "기획재정부",
    "date": "2023-01-01T09:00:23",
    "url": "https://example.org/1",
    "body": "□ 공항을 찾았다.\n\n문의. 정책조정국",
    "subtitle": "- 첫 화물기 -\n□ 현장을 보다",
}


def as_line(**changes: object) -> str:
    return json.dumps({**RECORD, **changes}, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.jsonl", bytes), ("a.jsonl.gz", gzip.compress), ("a.jsonl.xz", lzma.compress)],
)
def test_records_are_read_from_every_packing(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    release = read_one(tmp_path, name, pack(as_line().encode()))
    assert (release.id, release.title, release.outlet) == ("156545862", "신년 수출현장 방문", "기획재정부")
    assert release.published_at == datetime(2023, 1, 1, 9, 0, 23, tzinfo=SEOUL)
    assert release.subtitles == ("첫 화물기", "현장을 보다")
    assert release.body == "□ 공항을 찾았다.\n문의. 정책조정국"
    assert release.content_hash


@pytest.mark.parametrize(
    ("date", "moment", "precision"),
    [
        ("2023-01-01T00:00:00", datetime(2023, 1, 1, tzinfo=SEOUL), "day"),
        ("2023-01-01", datetime(2023, 1, 1, tzinfo=SEOUL), "day"),
        ("2023-01-01T00:00:00Z", datetime(2023, 1, 1, tzinfo=UTC), "time"),
        ("2023.1.1. 오후 12:05", datetime(2023, 1, 1, 12, 5, tzinfo=SEOUL), "time"),
        (None, None, "time"),
    ],
)
def test_dates_of_records(tmp_path: Path, date: str | None, moment: datetime | None, precision: str) -> None:
    release = read_one(tmp_path, "a.jsonl", as_line(date=date))
    assert (release.published_at, release.published_precision) == (moment, precision)


@pytest.mark.parametrize(
    "body",
    ["(본문 없음)", "본문없음", ".", "붙임 파일 참조. 끝.", "* 자세한 사항은 첨부 파일을 참조하여 주시기 바랍니다.",
     "자세한 내용은 첨부한 파일을 확인하여 주시기 바랍니다.\n\n감사합니다.", None],
)  # fmt: skip
def test_a_body_that_only_says_it_has_none_is_empty(tmp_path: Path, body: str | None) -> None:
    assert read_one(tmp_path, "a.jsonl", as_line(body=body)).body == ""


@pytest.mark.parametrize(
    "body", ["외교부 인사(상세 내용 별첨 참조). 끝.", "첨부 파일 참조가 늘었다.", "신년사"]
)
def test_a_short_body_that_says_something_is_kept(tmp_path: Path, body: str) -> None:
    assert read_one(tmp_path, "a.jsonl", as_line(body=body)).body == body


def test_what_a_record_lacks_is_found_in_its_body_and_keeps_its_origin(tmp_path: Path) -> None:
    body = "창원시가 나무를 심었다.\n문의: 공원과 김하나 주무관(055-225-3000)"
    release = read_one(tmp_path, "a.jsonl", as_line(body=body))
    assert (release.department, release.contact) == ("공원과", "주무관 김하나 055-225-3000")
    line = "‘문의: 공원과 김하나 주무관(055-225-3000)’"
    assert release.origins == (("contact", line), ("department", line))
    stated = read_one(tmp_path, "a.jsonl", as_line(body=body, department="공보관"))
    assert stated.department == "공보관"
    assert stated.origins == (("contact", line),)


BAD_LINES = [
    ('{"title": ', "JSON"),
    ("[1]", "객체"),
    ('{"body": "가"}', "title"),
    ('{"title": "가"}', "body"),
    ('{"title": "", "body": "가"}', "제목"),
    ('{"title": ["가"], "body": "가"}', "title"),
    ('{"title": "가", "body": 3}', "body"),
    ('{"title": "가", "body": "\\ud800"}', "대리 문자"),
    ('{"title": "가\\u0000", "body": ""}', "제어 문자"),
    ('{"title": "가", "body": "", "date": "어제"}', "‘어제’"),
    ("[" * 100_000, "JSON"),
    ('{"title": "가", "body": "", "id": ' + "9" * 5_000 + "}", "JSON"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_LINES)
def test_a_bad_record_is_refused_with_its_line_and_the_others_are_read(
    tmp_path: Path, bad: str, reason: str
) -> None:
    content = as_line(id="1") + "\n" + bad + "\n" + as_line(id="2")
    first, refusal, last = read_file(write(tmp_path, "a.jsonl", content))
    assert isinstance(first, PressRelease)
    assert isinstance(last, PressRelease)
    assert (first.id, last.id) == ("1", "2")
    assert isinstance(refusal, ReadProblem)
    assert refusal.line == 3
    assert reason in refusal.reason


def test_a_line_past_the_limit_is_refused_and_the_next_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE_BYTES", 1_000)
    content = as_line(body="가" * 5_000) + as_line(id="2")
    refusal, release = read_file(write(tmp_path, "a.jsonl", content))
    assert isinstance(refusal, ReadProblem)
    assert refusal.line == 1
    assert isinstance(release, PressRelease)
    assert release.id == "2"


def test_a_packed_file_cut_short_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    lines = "".join(as_line(id=str(number)) for number in range(2_000)).encode()
    packed = gzip.compress(lines)
    *releases, refusal = read_file(write(tmp_path, "a.jsonl.gz", packed[: len(packed) // 2]))
    assert releases
    assert all(isinstance(release, PressRelease) for release in releases)
    assert isinstance(refusal, ReadProblem)
    assert "끝까지" in refusal.reason


def test_an_unknown_name_is_warned_of_once(tmp_path: Path) -> None:
    items = list(read_file(write(tmp_path, "a.jsonl", as_line(id="1", views=3) + as_line(id="2", views=4))))
    warnings = [item for item in items if isinstance(item, ReadProblem)]
    assert len(items) == 3
    assert [(warning.line, warning.severity == "warning") for warning in warnings] == [(1, True)]
    assert "views" in warnings[0].reason


def test_a_record_without_an_id_is_given_a_stable_one(tmp_path: Path) -> None:
    first, second = (read_one(tmp_path, name, as_line(id=None)) for name in ("a.jsonl", "b.jsonl"))
    assert first.id == second.id != ""


def test_the_limits_are_what_they_say() -> None:
    assert (parsing.MAX_TEXT_FILE_BYTES, json_lines.MAX_LINE_BYTES) == (20_000_000, 20_000_000)
