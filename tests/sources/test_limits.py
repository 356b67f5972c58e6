"""What a hostile file may cost the process that reads it: time and memory are bounded, whatever it holds."""

from __future__ import annotations

import gzip
import importlib
import inspect
import json
import lzma
import pkgutil
import re
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import indexer.pulling
import indexer.sources
from indexer.release import PressRelease
from indexer.search import parser as query_parser
from indexer.sources.corpus.corpus_file import CorpusFile
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.sidecar import MAX_SIDECAR_BYTES, read_sidecar
from indexer.sources.corpus.walk import list_files
from indexer.sources.extraction.front_matter import read_front_matter
from indexer.sources.extraction.named_fields import field_of, release_from_fields
from indexer.sources.formats import detection, unpacking
from indexer.sources.formats.detection import HEAD_BYTES, detect_format
from indexer.sources.parsing import parse_file
from indexer.sources.problems import ContentError, ReadProblem
from indexer.sources.recognizers.times import parse_embargo, parse_time
from indexer.sources.recognizers.titles import subtitle_of
from indexer.sources.sandbox.parser import Limits, SandboxedParser
from tests.support.corpus import read_one, refuse_one, write

HOSTILE_CHARS = 32_000
# A linear pattern takes some milliseconds for so much, a quadratic one many seconds.
SLOW_S = 0.5
UNITS = (
    " ", "\t", "\n", " \n", "가", " 가", "a", "1", "- ", "-", "#", "# ", "(", " (", "[", "<", "<!---->", "<a ", "&", "|", "| ", "=",
    "·", "다.", "a.", "a@", "2023", "2023.1.1", "02-", "보도 ", "담당 ", "문의 ", "보도자료", "첨부", "Aa:\n", "---\n", "<!DOCTYPE[", "<!DOCTYPE ", "’", "Ⅰ",
)  # fmt: skip
# What is cut or measured before one of these sees it.
SHORT = {
    "html_article._ERROR": 250,
    "records._ONLY_ATTACHED": 90,
    "detection._PAGE": HEAD_BYTES,
    "detection._FRAGMENT": HEAD_BYTES,
    "detection._HWPML": HEAD_BYTES,
    "detection._MHTML": HEAD_BYTES,
}
SEARCHES = {"match": "match", "fullmatch": "fullmatch"} | dict.fromkeys(
    ("search", "sub", "subn", "split", "finditer", "findall"), "search"
)


def patterns() -> Iterator[tuple[str, re.Pattern[str], set[str]]]:
    """Every compiled pattern that a module makes, with the ways in which it is used there."""
    names = [
        module.name
        for package in (indexer.sources, indexer.pulling)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    for module in (*map(importlib.import_module, names), query_parser):
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            if not re.search(rf"^{re.escape(name)}\b.* =|^{re.escape(name)} =", source, re.M):
                continue
            used = {SEARCHES[way] for way in re.findall(rf"\b{name}\.(\w+)\(", source) if way in SEARCHES}
            for pattern in compiled_in(value):
                yield f"{module.__name__.rpartition('.')[2]}.{name}", pattern, used or {"search"}


def compiled_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from compiled_in(item)


def test_no_pattern_takes_forever() -> None:
    seen = 0
    for name, pattern, ways in patterns():
        seen += 1
        length = SHORT.get(name, HOSTILE_CHARS)
        for unit in UNITS:
            run = unit * (length // len(unit))
            for text in (run, f"- # 2023가{run}나!"):
                fed = text if isinstance(pattern.pattern, str) else text.encode()
                for way in ways:
                    started = time.process_time()
                    getattr(pattern, way)(fed)
                    assert time.process_time() - started < SLOW_S, (name, way, unit)
    assert seen > 100


FIELDS = (
    "title",
    "subtitles",
    "outlet",
    "department",
    "contact",
    "published",
    "embargo",
    "url",
    "attachments",
)


@pytest.mark.parametrize("field", FIELDS)
def test_no_value_takes_forever(field: str) -> None:
    for unit in UNITS:
        run = unit * (HOSTILE_CHARS // len(unit))
        for text in (f"- 가{run}나", f"2023{run}x", run):
            values: dict[str, object] = {"title": "창원시 소식", field: text}
            started = time.process_time()
            with suppress(ContentError):
                release_from_fields(
                    {field_of(name) or name: value for name, value in values.items()}, (), "a.jsonl"
                )
            assert time.process_time() - started < SLOW_S, unit


def test_many_subtitles_under_a_long_title_take_no_time() -> None:
    started = time.process_time()
    release = release_from_fields({"title": "가" * 500_000, "subtitles": "나\n" * 5_000}, (), "a.jsonl")
    assert time.process_time() - started < 2
    assert len(release.subtitles) == 5_000


def test_no_body_takes_forever(tmp_path: Path) -> None:
    for unit in UNITS:
        body = f"담당자 : {unit * (HOSTILE_CHARS // len(unit))} 보도자료"
        file = write(tmp_path, "a.jsonl", json.dumps({"title": "창원시 소식", "body": body}))
        started = time.process_time()
        list(read_file(file))
        assert time.process_time() - started < 2 * SLOW_S, unit


def test_no_heading_takes_forever() -> None:
    started = time.process_time()
    list(read_front_matter("# 가" + " " * HOSTILE_CHARS + "나 ##  \n\n본문\n", "a.md"))
    assert time.process_time() - started < SLOW_S


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- 부제 -", "부제"),
        ("□ 부제 -", "부제 -"),
        (" 부제 ", "부제"),
        ("–> 부제  ", "부제"),
        ("-", ""),
        ("-부제- ", "부제"),
    ],
)
def test_a_subtitle_is_without_its_marks(line: str, text: str) -> None:
    assert subtitle_of(line) == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("## 제목 ##  ", "제목"),
        ("# 제목#", "제목"),
        ("# 제목 # #", "제목 #"),
        ("#\t제목", "제목"),
        ("### #", ""),
    ],
)
def test_a_heading_is_without_its_marks(line: str, text: str) -> None:
    (release,) = read_front_matter(f"---\ntitle: 창원시 소식\n---\n{line}\n본문\n", "a.md")
    assert isinstance(release, PressRelease)
    assert release.sections[0].heading == text


@pytest.mark.parametrize("parse", [parse_time, parse_embargo])
def test_a_long_value_is_no_time(parse: object) -> None:
    with pytest.raises(ValueError, match="no time"):
        parse("2023-04-25 " + "이후 " * 100)  # type: ignore[operator]


# Packed files


def record(number: int = 0) -> str:
    return json.dumps({"id": str(number), "title": "창원시 소식", "body": "창원시가 나무를 심었다."}) + "\n"


@pytest.mark.parametrize(("name", "pack"), [("a.jsonl.gz", gzip.compress), ("a.jsonl.xz", lzma.compress)])
def test_what_unpacks_without_end_is_refused(name: str, pack: object, tmp_path: Path) -> None:
    packed = pack(b"\n" * 150_000_000)  # type: ignore[operator]
    started = time.process_time()
    refusal = refuse_one(tmp_path, name, packed)
    assert "폭탄" in refusal.reason
    assert time.process_time() - started < 10


def test_blank_lines_cost_little_and_are_counted(tmp_path: Path) -> None:
    lines = "\n" * 3_000_000 + record() + " \t\r\n" * 3_000_000 + "  " + record(1) + "\n\n\nx"
    started = time.process_time()
    first, second, refusal = read_file(write(tmp_path, "a.jsonl", lines))
    assert time.process_time() - started < 1
    assert isinstance(first, PressRelease)
    assert isinstance(second, PressRelease)
    assert isinstance(refusal, ReadProblem)
    assert refusal.line == 6_000_006


@given(st.lists(st.sampled_from(["\n", " \n", "\t\r\n", record(), "x\n"])), st.integers(1, 4))
def test_lines_are_numbered_as_an_editor_does(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], seed: int
) -> None:
    text = "".join(lines)
    file = write(tmp_path_factory.mktemp("a"), "a.jsonl", text + "x")
    told = [item.line for item in read_file(file) if isinstance(item, ReadProblem)]
    wanted = [number for number, line in enumerate([*lines, "x"], 1) if line.strip() == "x"]
    assert told == wanted


def test_an_xz_that_wants_too_much_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = lzma.compress(record().encode(), preset=9)
    read_one(tmp_path, "a.jsonl.xz", packed)
    monkeypatch.setattr(unpacking, "XZ_MEMORY_BYTES", 1 << 20)
    refusal = refuse_one(tmp_path, "a.jsonl.xz", packed)
    assert "메모리" in refusal.reason
    assert "xz -6" in refusal.hint


def test_several_streams_of_xz_are_one_file(tmp_path: Path) -> None:
    parts = [lzma.compress(record(number).encode()) for number in range(3)]
    packed = parts[0] + b"\0" * 8 + parts[1] + parts[2] + b"\0" * 4
    releases = list(read_file(write(tmp_path, "a.jsonl.xz", packed)))
    assert [release.id for release in releases if isinstance(release, PressRelease)] == ["0", "1", "2"]


@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_an_xz_cut_short_is_told(kept: float, tmp_path: Path) -> None:
    packed = lzma.compress("".join(map(record, range(2_000))).encode())
    *_, last = read_file(write(tmp_path, "a.jsonl.xz", packed[: int(len(packed) * kept)]))
    assert isinstance(last, ReadProblem)
    assert "끝까지" in last.reason


# Sidecars


@pytest.mark.parametrize(
    "text",
    [
        "a." * 40_000 + "a = 1",
        "[" + "a." * 40_000 + "a]",
        "x = {" + '"a" . ' * 15_000 + "a = 1}",
        "title = " + "1" * 90_000,
        "title = 0x" + "f" * 90_000,
        "title = " + "[" * 45_000 + "]" * 45_000,
        "attachments = [{a = 0x" + "f" * 90_000 + "}]",
    ],
)
def test_no_sidecar_takes_forever_or_stops_the_others(text: str, tmp_path: Path) -> None:
    assert len(text) < MAX_SIDECAR_BYTES
    write(tmp_path, "a.txt", "창원시 소식\n\n창원시가 나무를 심었다.\n")
    write(tmp_path, "a.toml", text)
    started = time.process_time()
    (file,), _ = list_files(tmp_path)
    (refusal,) = read_file(file)
    assert time.process_time() - started < 2
    assert isinstance(refusal, ReadProblem)


def test_a_text_in_a_sidecar_may_have_dots(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'title = "' + "창원. " * 40 + '"\ncontact = "' + "·" * 300 + "." * 300 + '"\n')
    assert set(read_sidecar(tmp_path / "a.toml")) == {"title", "contact"}


# Documents


def package(name: str, data: bytes) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", "<a/>")
        made.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("word/document.bin", b"<a>"),
        ("word/other", b"\x89PNG"),
        ("word/media/a.png", b"\xef\xbb\xbf \n<a>"),
        ("word/media/a.bmp", "\ufeff<a>".encode("utf-16-le")),
    ],
)
def test_a_package_is_weighed_whatever_its_parts_are_called(
    name: str, head: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "MAX_UNPACKED_BYTES", 100_000)
    path = write(tmp_path, "a.docx", package(name, head + bytes(100_000))).path
    with pytest.raises(ContentError, match="폭탄"):
        detect_format(path)


@pytest.mark.parametrize(
    ("name", "head"), [("a.PNG", b"\x89PNG"), ("a.emf", b"\1\0\0\0"), ("a.jpg", b"\xff\xd8\xff")]
)
def test_pictures_may_be_large(
    name: str, head: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "MAX_UNPACKED_BYTES", 100_000)
    data = package(f"word/media/{name}", head + bytes(range(256)) * 500)
    assert detect_format(write(tmp_path, "a.docx", data).path) == "docx"


def test_a_worker_that_says_too_much_is_ended(tmp_path: Path) -> None:
    large = write(tmp_path, "a.txt", "창원시 소식\n\n" + "창원시가 나무를 심었다.\n" * 1_000)
    small = write(tmp_path, "b.txt", "창원시 소식\n\n창원시가 나무를 심었다.\n")
    with closing(SandboxedParser(Limits(answer_bytes=10_000))) as parser:
        with pytest.raises(ContentError, match="너무 많습니다"):
            parser.parse_file(large.path, "a.txt")
        (small_item,) = parser.parse_file(small.path, "b.txt").items
    (large_item,) = read_file(large)
    assert isinstance(small_item, PressRelease)
    assert isinstance(large_item, PressRelease)


@pytest.mark.parametrize(
    "link",
    ['<a href="/down?f={0}">받기</a> ', '<li><a href="/down?f={0}">안{0}.hwp</a></li><p>나무 {0}그루</p>'],
)
def test_many_links_take_no_time(link: str, tmp_path: Path) -> None:
    text = "<p>창원시가 나무를 심었다고 밝혔다.</p>" * 200 + "".join(map(link.format, range(5_000)))
    page = f"<html><body><article><h1>창원시 소식</h1>{text}</article></body></html>"
    started = time.process_time()
    parse_file(write(tmp_path, "a.html", page).path, "a.html")
    assert time.process_time() - started < 4


def test_what_is_too_large_to_be_read_is_not_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "a.pdf", b"%PDF-1.4\n")
    attached = write(tmp_path, "a_붙임.pdf", b"%PDF-1.4\n").path
    whole = CorpusFile(file.path, "a.pdf", attachments=(attached,))
    with attached.open("ab") as stream:
        stream.truncate(8 << 30)
    started = time.process_time()
    digest = whole.digest()
    assert time.process_time() - started < 1
    with attached.open("ab") as stream:
        stream.truncate(9 << 30)
    assert whole.digest() not in ("", digest)
    with file.path.open("ab") as stream:
        stream.truncate(8 << 30)
    started = time.process_time()
    file.digest()
    assert "너무 큽니다" in str(*read_file(file))
    assert time.process_time() - started < 5
