"""Which addresses may be asked. Nothing here connects."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.pulling.addresses import Target, check_target, is_public, next_target_url
from indexer.pulling.fetch_error import FetchError
from tests.support.sites import names

PUBLIC, INSIDE = "93.184.215.14", "10.1.2.3"
resolve = names(news_example=[PUBLIC, "2606:2800:21f:cb07::1"], inside_example=[PUBLIC, INSIDE])


def check(url: str, *private_hosts: str) -> Target:
    return check_target(url, private_hosts, resolve)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),  # noqa: S104
        *(
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
        ),
        *("203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *(
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "64:ff9b::7f00:1",
        ),
        *(
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:db8::1",
        ),
        *(
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fe80::1%eth0",
            "2606:4700::1%eth0",
            "fec0::1",
            "ff02::1",
            "100::1",
        ),
        *("5f00::1", "4000::1", "", "news.example", "127.1", "1.2.3.4.5"),
    ],
)
def test_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        PUBLIC,
        "172.32.0.1",
        "2606:4700::1111",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::1",
    ],
)
def test_public_address(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_what_carries_an_address_of_ipv4_is_as_public_as_that(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    mapped, nat64, six_to_four = (
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address((0x64_FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    )
    assert {is_public(str(one)) for one in (mapped, nat64, six_to_four)} == {is_public(str(inner))}


@pytest.mark.parametrize(
    "url",
    [
        *("", "news.example", "//news.example/", "/etc/passwd", "file:///etc/passwd", "ftp://news.example/"),
        *("gopher://news.example/", "javascript:alert(1)", "data:text/html,a", "http:", "http://", "http:///a"),
        *("http://user@news.example/", "http://user:pw@news.example/", "http://news.example@10.0.0.1/", "http://@a/"),
        *("http://news.example\\@10.0.0.1/", "http://10.0.0.1\\.news.example/", "http://news.example:0/"),
        *("http://news.example:99999/", "http://news.example:-1/", "http://news.example:x/", "http://news.example:25/"),
        *("http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"),
        *("http://127.0.0.1./", "http://127.0.0.1:8080/", "http://0/", "http://[::1]/", "http://[::]/", "http://0x/"),
        *("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[fe80::1%25eth0]/", "http://[::1/"),
        *("http://１２７.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://169.254.169.254/latest/meta-data/"),
        *("http://news.example../", "http://.news.example/", "http://news..example/", "http://news.example%00/"),
        *("http://news%2eexample/", "http://news.example\t/", "http://ne\nws.example/", "http://new s.example/a"),
        *("http://news.example/a b", "http://news.example/\r\nHost: a", "http://" + "a" * 64 + ".example/"),
        *("http://inside.example/", "http://unknown.example/", "http://news.example/" + "a" * 8_000),
        *("http://xn--a.example\ud800/", "http://[v1.fe]/"),
    ],
)  # fmt: skip
def test_address_that_is_refused(url: str) -> None:
    with pytest.raises(FetchError) as refused:
        check(url)
    assert refused.value.hint
    assert not refused.value.is_passing


def test_target_of_a_public_site() -> None:
    target = check("HTTPS://News.Example.:443/보도/1%20a.do?제목=가&b=%ED%95%9C#top")
    assert (
        target.url
        == "https://news.example/%EB%B3%B4%EB%8F%84/1%20a.do?%EC%A0%9C%EB%AA%A9=%EA%B0%80&b=%ED%95%9C"
    )
    assert (target.host, target.port, target.addresses[0]) == ("news.example", 443, PUBLIC)
    assert target.origin == "https://news.example"
    assert not target.is_private


def test_name_in_hangul() -> None:
    target = check_target("http://뉴스.example:8080", (), names(**{"xn--vg1b002a_example": [PUBLIC]}))
    assert target.origin == "http://xn--vg1b002a.example:8080"


def test_private_host_is_allowed_by_name_and_port_only() -> None:
    assert check("http://inside.example/", "inside.example").is_private
    assert check("http://inside.example:8080/", "inside.example:8080").is_private
    assert check("http://127.0.0.1:81/", "127.0.0.1:81").addresses == ("127.0.0.1",)
    assert check("http://[::1]:81/", "[::1]:81").authority == "[::1]:81"
    for url in ("http://inside.example:8081/", "http://inside.example/", "http://127.0.0.1:8080/"):
        with pytest.raises(FetchError, match="내부망"):
            check(url, "inside.example:8080")


def test_every_address_of_a_name_must_be_public() -> None:
    with pytest.raises(FetchError, match="내부망"):
        check("http://inside.example/")


@given(st.text(max_size=60) | st.from_regex(r"\Ahttps?://[^/]{0,30}(/.*)?\Z"))
@example("http://[")
@example("http://a]b/")
@example("https://℀.example/")
@example("http://" + "ß" * 40)
def test_any_text_is_refused_or_becomes_a_public_target(text: str) -> None:
    try:
        target = check_target(text, (), lambda host, port: [PUBLIC])
    except FetchError:
        return
    assert target.url.isascii()
    assert target.url.isprintable()
    assert urlsplit(target.url).hostname == target.host
    assert all(map(is_public, target.addresses))
    assert check_target(target.url, (), lambda host, port: [PUBLIC]) == target


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "http://news.example/b"),
        ("//10.0.0.1/b", "http://10.0.0.1/b"),
        ("?page=2", "http://news.example/a?page=2"),
        ("https://news.example/", "https://news.example/"),
        ("/보도".encode().decode("latin-1"), "http://news.example/보도"),
    ],
)
def test_redirect(location: str, leads_to: str) -> None:
    assert next_target_url(check("http://news.example/a"), location) == leads_to


@pytest.mark.parametrize("location", ["", "http://news.example/", "//[bad"])
def test_redirect_that_leads_nowhere_or_out_of_tls(location: str) -> None:
    with pytest.raises(FetchError):
        next_target_url(check("https://news.example/a"), location)
