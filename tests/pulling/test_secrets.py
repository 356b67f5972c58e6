"""Keys that are a part of an address stay there."""

from __future__ import annotations

import logging

import pytest

from indexer.pulling.fetch_error import FetchError, shown_url
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.visits import TRIES
from tests.pulling.conftest import short
from tests.support.site_answers import (
    CutBody,
    Endless,
    Fault,
    Raw,
    Reset,
    Status,
    redirect,
)
from tests.support.sites import Site

SECRET = "Zx9SecretKey%2Bof%2FmineQ"  # noqa: S105


@pytest.mark.parametrize(
    "fault",
    [
        Status(404), Status(500), Reset(), Reset(60), CutBody(1), Raw(b"garbage\r\n\r\n"), redirect("http://10.0.0.1/"),
        redirect(f"?serviceKey={SECRET}"), redirect(f"http://10.0.0.1/?serviceKey={SECRET}"), Endless(),
        Raw(b"HTTP/1.1 200 OK\r\nbroken header\r\n: x\r\n\r\n"), Raw(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 101),
        Status(200, {"Content-Encoding": "x"}, b"a"), Status(429, {"Retry-After": "9999"}), redirect("http://["),
    ],
    ids=short,
)  # fmt: skip
def test_key_of_an_address_is_in_no_message_and_no_log(
    site: Site, fetcher: Fetcher, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    caplog.set_level(logging.DEBUG)
    path = f"/1371000/pressReleaseService?serviceKey={SECRET}&startDate=20260301"
    site.script[path] = [fault] * TRIES
    said = ""
    try:
        fetcher.fetch(site.url + path, rules=site.rules, max_bytes=1_000)
    except FetchError as refused:
        said = f"{refused}{refused!r}"
    assert SECRET not in said
    logged = "\n".join(f"{record.getMessage()}{record.args}{record.exc_text}" for record in caplog.records)
    assert SECRET not in logged
    assert "Starting new HTTP connection" in logged


def test_key_is_in_no_message_where_nothing_answers(
    caplog: pytest.LogCaptureFixture, fetcher: Fetcher
) -> None:
    caplog.set_level(logging.DEBUG)
    with Site() as site:
        rules = site.rules
    with pytest.raises(FetchError, match="닿을 수 없습니다") as refused:
        fetcher.fetch(f"{site.url}/a?serviceKey={SECRET}", rules=rules)
    assert SECRET not in str(refused.value) + caplog.text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://user:pw@a.example:8443/b/c?newsId=148912345#top",
            "https://a.example:8443/b/c?newsId=148912345",
        ),
        (f"http://a.example/?serviceKey={SECRET}&pageNo=1", "http://a.example/?serviceKey=…&pageNo=1"),
        (
            "http://a.example/?serviceKey=12345&day=2026-03-01",
            "http://a.example/?serviceKey=…&day=2026-03-01",
        ),
        ("http://a.example/?12345", "http://a.example/?…"),
        ("http://a.example/?sk=abc&empty=", "http://a.example/?sk=…&empty="),
        ("http://a.example:8088/6f4d5a7a6b6d6f6e3130/xml/list", "http://a.example:8088/…/xml/list"),
        (
            "http://a.example/2026-03-01-press-release-on-housing.html",
            "http://a.example/2026-03-01-press-release-on-housing.html",
        ),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://a.example/\x1b[31m\u202e", "http://a.example/�[31m�"),
        (SECRET, "(주소가 아닌 글)"),
        (f"mailto:{SECRET}", "mailto:…"),
        ("http://[", "(읽을 수 없는 주소)"),
        ("http://a.example:x/", "(읽을 수 없는 주소)"),
    ],
)
def test_address_as_it_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_long_address_is_cut() -> None:
    assert len(shown_url("http://a.example/" + "가/" * 500)) < 250
