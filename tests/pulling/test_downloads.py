"""Files: whole or not there, and no byte twice."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.pulling.fetch_error import FetchError
from indexer.pulling.fetcher import Downloaded, Fetcher
from indexer.pulling.visits import TRIES
from tests.pulling.conftest import LIMITS, short
from tests.support.site_answers import Asked, CutBody, Fault, Out, Page, Raw, Reset, Status, redirect
from tests.support.sites import Site
from tests.support.times import FakeTime

BODY = bytes(range(256)) * 40
FILE = Page(BODY, "application/x-hwp")
OTHER = Page(BODY[::-1], "application/x-hwp")


def download(site: Site, fetcher: Fetcher, path: Path, url: str = "/a.hwp", **known: str) -> Downloaded:
    return fetcher.download(site.url + url, path, rules=site.rules, **known)  # type: ignore[arg-type]


def ranges(site: Site) -> list[str | None]:
    return [asked.headers["Range"] for asked in site.asked if asked.path != "/robots.txt"]


def test_file_with_all_that_is_told_of_it(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.hwp"] = Page(
        BODY, "application/x-hwp", {"Content-Disposition": 'inline; filename="보도.hwp"'}
    )
    path = tmp_path / ("가" * 80 + ".hwp")
    found = download(site, fetcher, path)
    assert (found.size, found.media_type, found.file_name) == (len(BODY), "application/x-hwp", "보도.hwp")
    assert found.etag == site.pages["/a.hwp"].etag
    assert path.read_bytes() == BODY
    assert download(site, fetcher, path, etag=found.etag).not_modified
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_name_is_that_of_the_address_where_none_is_told(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/%EB%B6%99%EC%9E%84.hwp"] = FILE
    site.script["/x.do"] = [redirect("/%EB%B6%99%EC%9E%84.hwp")]
    assert download(site, fetcher, tmp_path / "a", "/x.do").file_name == "붙임.hwp"
    site.pages["/"] = FILE
    site.script["/x.hwp"] = [redirect("/")]
    assert download(site, fetcher, tmp_path / "a", "/x.hwp").file_name == "x.hwp"


def test_interrupted_download_goes_on(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.hwp"] = FILE
    site.script["/a.hwp"] = [CutBody(1_000), CutBody(3_000), Reset(0)]
    found = download(site, fetcher, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert found.size == len(BODY)
    assert ranges(site) == [None, "bytes=1000-", "bytes=4000-", "bytes=4000-"]
    assert site.asked[-1].headers["If-Range"] == FILE.etag


def test_file_that_changed_meanwhile_is_asked_for_whole(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    class Change(CutBody):
        def __call__(self, out: Out, page: Page | None, asked: Asked) -> None:
            super().__call__(out, page, asked)
            site.pages["/a.hwp"] = OTHER

    site.pages["/a.hwp"] = FILE
    site.script["/a.hwp"] = [Change(1_000)]
    found = download(site, fetcher, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == OTHER.body
    assert found.etag == OTHER.etag


def partial(first: int, last: int, total: str, data: bytes, **headers: str) -> Raw:
    head = {
        "Content-Range": f"bytes {first}-{last}/{total}",
        "Content-Length": str(len(data)),
        "ETag": FILE.etag,
    }
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return Raw(f"HTTP/1.1 206 Partial Content\r\n{lines}\r\n".encode() + data)


SIZE = len(BODY)


@pytest.mark.parametrize(
    "lie",
    [
        partial(0, SIZE - 1, str(SIZE), BODY),
        partial(999, SIZE - 1, str(SIZE), BODY[999:]),
        partial(1_001, SIZE - 1, str(SIZE), BODY[1_001:]),
        partial(1_000, SIZE - 2, str(SIZE), BODY[1_000:-1]),
        partial(1_000, SIZE, str(SIZE + 1), BODY[1_000:] + b"x"),
        partial(1_000, SIZE - 1, "*", BODY[1_000:]),
        partial(1_000, SIZE - 1, str(SIZE), BODY[1_000:-5]),
        partial(1_000, SIZE - 1, str(SIZE), BODY[1_000:] + b"more"),
        partial(1_000, SIZE - 1, str(SIZE), OTHER.body[1_000:], ETag=OTHER.etag),
        partial(1_000, SIZE - 1, str(SIZE), OTHER.body[1_000:], ETag=""),
        partial(1_000, SIZE - 1, str(SIZE), BODY[1_000:], Content_Range=""),
        partial(1_000, SIZE - 1, str(SIZE), BODY[1_000:], Content_Range="bytes 1000-²/9"),
        partial(1_000, SIZE - 1, str(SIZE), gzip.compress(BODY[1_000:]), Content_Encoding="gzip"),
        Raw(b"HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\n\r\n--x\r\n"),
        Status(416),
        Status(416, {"Content-Range": f"bytes */{SIZE}"}),
        Page(BODY, has_validators=False),
    ],
    ids=short,
)  # fmt: skip
def test_lies_about_ranges(site: Site, fetcher: Fetcher, tmp_path: Path, lie: Fault) -> None:
    site.pages["/a.hwp"] = FILE
    site.script["/a.hwp"] = [CutBody(1_000), lie]
    download(site, fetcher, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert ranges(site)[1] == "bytes=1000-"


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": 'W/"1"', "Last-Modified": ""},
        {"ETag": "unquoted", "Last-Modified": "yesterday"},
        {
            "ETag": '""',
            "Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT",
            "Date": "Tue, 14 Nov 2023 22:13:21 GMT",
        },
        {
            "ETag": "",
            "Last-Modified": "Tue, 14 Nov 2023 22:13:20 -0000",
            "Date": "Tue, 14 Nov 2023 23:13:21 +0100",
        },
        {"Accept-Ranges": "none"},
    ],
    ids=short,
)
def test_file_without_a_validator_is_asked_for_whole(
    site: Site, fetcher: Fetcher, tmp_path: Path, headers: dict[str, str]
) -> None:
    site.pages["/a.hwp"] = Page(BODY, headers=headers)
    site.script["/a.hwp"] = [CutBody(1_000)]
    download(site, fetcher, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert ranges(site) == [None, None]


def test_old_date_is_a_validator(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.hwp"] = Page(BODY, headers={"ETag": 'W/"1"'})
    site.script["/a.hwp"] = [CutBody(1_000)]
    download(site, fetcher, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert ranges(site) == [None, "bytes=1000-"]
    assert site.asked[-1].headers["If-Range"] == "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize(
    "fault", [Status(404), CutBody(5_000), Reset(3_000), Status(206), Status(304)], ids=short
)
def test_file_that_does_not_come_whole_leaves_what_was_there(
    site: Site, fetcher: Fetcher, tmp_path: Path, fault: Fault
) -> None:
    site.pages["/a.hwp"] = Page(BODY, has_validators=False)
    site.script["/a.hwp"] = [fault] * TRIES
    (tmp_path / "a").write_text("former")
    with pytest.raises(FetchError):
        download(site, fetcher, tmp_path / "a")
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "former"


def test_disk_that_refuses(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.hwp"] = FILE
    with pytest.raises(OSError, match="No such file"):
        download(site, fetcher, tmp_path / "missing" / "a")


def test_empty_file(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.hwp"] = Page(b"")
    assert download(site, fetcher, tmp_path / "a").size == 0
    assert (tmp_path / "a").read_bytes() == b""


cuts = st.integers(0, SIZE).flatmap(lambda size: st.sampled_from([CutBody(size), Reset(size)]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.lists(cuts, max_size=TRIES - 1), has_validators=st.booleans())
def test_any_interruptions_end_with_the_same_bytes(
    site: Site, tmp_path: Path, faults: list[Fault], has_validators: bool
) -> None:
    fetcher = Fetcher(limits=LIMITS, surroundings=FakeTime().surroundings())
    site.pages["/a.hwp"] = Page(BODY, has_validators=has_validators)
    site.script["/a.hwp"] = list(faults)
    assert download(site, fetcher, tmp_path / "a").size == SIZE
    assert (tmp_path / "a").read_bytes() == BODY
