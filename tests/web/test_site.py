"""The addresses of the archive: well-formed, whatever the settings and whoever asks."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import lxml.html
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from werkzeug.test import EnvironBuilder

from indexer.cli.main import main
from indexer.errors import BodoError
from indexer.settings import Settings
from tests.support.web_releases import HANOVER
from web.formats import plain_uri
from web.site import Site


def absolute(site: Site, path: str, **environ: str) -> str:
    made = EnvironBuilder(path="/").get_environ() | environ
    with Flask(__name__).request_context(made):
        return site.absolute(path)


@pytest.mark.parametrize(
    ("given_url", "root"),
    [
        ("https://a.kr", "https://a.kr"),
        ("https://a.kr/", "https://a.kr"),
        ("http://a.kr:8080//", "http://a.kr:8080"),
        ("https://a.kr/archive", "https://a.kr/archive"),
        (" https://a.kr/보도/ ", "https://a.kr/%EB%B3%B4%EB%8F%84"),
        ("https://보도자료.example.kr", "https://xn--hq1bl9gf2dpyn.example.kr"),
        ("https://[::1]:8000", "https://[::1]:8000"),
        ("", "http://localhost"),
    ],
)
def test_a_public_address_begins_every_address(given_url: str, root: str) -> None:
    site = Site.of(Settings(public_url=given_url))
    assert absolute(site, "/releases/a?q=b") == f"{root}/releases/a?q=b"
    assert root.isascii()


def test_where_it_is_mounted_is_said_once() -> None:
    path = "/archive/releases/a"
    mounted = {"SCRIPT_NAME": "/archive"}
    assert absolute(Site(), path, **mounted) == "http://localhost/archive/releases/a"
    assert (
        absolute(Site(public_url="https://a.kr/archive"), path, **mounted)
        == "https://a.kr/archive/releases/a"
    )
    assert absolute(Site(public_url="https://a.kr"), "/releases/a") == "https://a.kr/releases/a"


@pytest.mark.parametrize(
    "url",
    [
        "a.kr", "//a.kr", "/archive", "ftp://a.kr", "javascript:alert(1)", "https://", "https:///a", "https://a.kr?q=1",
        "https://a.kr/#top", "https://user:pass@a.kr", "https://a b.kr", "https://a.kr:port", "https://a.kr:99999",
        "https://[::1", 'https://a.kr"><script>', "https://" + "가" * 100,
    ],
)  # fmt: skip
def test_a_public_address_that_is_none_stops_the_server(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BodoError, match=r"public_url\(BODO_PUBLIC_URL\)") as raised:
        Site.of(Settings(public_url=url))
    assert "https://" in raised.value.hint
    done = CliRunner(env={"BODO_PUBLIC_URL": url}).invoke(main, ["serve"])
    assert done.exit_code == 1
    assert "BODO_PUBLIC_URL" in done.stderr
    assert "Traceback" not in done.output


@given(st.one_of(st.text(), st.text().map("https://".__add__)))
def test_any_public_address_is_taken_or_told(url: str) -> None:
    try:
        site = Site.of(Settings(public_url=url))
    except BodoError:
        return
    address = absolute(site, "/releases/a")
    parts = urlsplit(address)
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert parts.path.endswith("/releases/a")
    assert not parts.query
    assert plain_uri(address) == address


def test_a_name_is_on_one_line_and_never_blank() -> None:
    assert Site.of(Settings(site_name=" 우리\n아카이브 ")).name == "우리 아카이브"
    assert Site.of(Settings(site_name=" ")).name == Site().name == "보도자료 검색"


HOSTS = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
    st.sampled_from(["", "evil.example", "[::1]:8000", "a.kr:99999", 'a"><script>', "a_b", "a.kr/x?y#z", "a@b", "..", "127.0.0.1:80"]),
)  # fmt: skip


@given(host=HOSTS)
@example(host='a.kr"><script>alert(1)</script>')
@example(host=".")
@example(host="A.KR:8000")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_host_leaves_the_addresses_well_formed(client: FlaskClient, host: str) -> None:
    def get(path: str) -> bytes:
        return client.get(path, headers={"Host": host}).get_data()

    if (refused := client.get("/", headers={"Host": host})).status_code != 200:
        # A host with an empty name or one of 64 letters and more (IDNA).
        assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
        assert re.search(r"\.\.|^\.|[^.:]{64}", host)
        return
    page = lxml.html.document_fromstring(get(f"/releases/{HANOVER.id}"))
    (address,) = page.xpath("//link[@rel='canonical']/@href")
    addresses = [address, *page.xpath("//meta[@property='og:url']/@content")]
    addresses += [one.text for one in etree.fromstring(get("/sitemap.xml")).iter("{*}loc")]
    addresses += [one.get("href") for one in etree.fromstring(get("/feed.atom")).iter("{*}link")]
    # Addresses elsewhere are the documents' own.
    addresses = [one for one in addresses if one != HANOVER.url]
    addresses += [
        line.partition(": ")[2]
        for line in get("/robots.txt").decode().splitlines()
        if line.startswith("Sitemap")
    ]
    for one in addresses:
        assert plain_uri(one) == one
    assert urlsplit(address).path == f"/releases/{HANOVER.id}"
