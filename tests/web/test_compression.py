"""Compression: the same bytes, in an encoding that the client takes, and no answer for another client."""

from __future__ import annotations

import gzip
import re
from itertools import product

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Accept
from werkzeug.test import TestResponse

from web.compression import choose_encoding

PATHS = [
    "/", "/search?q=산업박람회", "/api/v1/search?q=산업박람회", "/feed.atom", "/sitemap.xml", "/static/bodo.css",
    "/static/search-box.js",
]  # fmt: skip
ENCODINGS = ("br", "zstd", "gzip")
BROWSER = "gzip, deflate, br, zstd"


def get(client: FlaskClient, path: str, accepted: str | None, **headers: str) -> TestResponse:
    given_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if accepted is not None:
        given_headers["Accept-Encoding"] = accepted
    response = client.get(path, headers=given_headers)
    response.get_data()
    response.close()
    return response


def decoded(response: TestResponse) -> bytes:
    body = response.get_data()
    match response.headers.get("Content-Encoding"):
        case "br":
            return bytes(brotli.decompress(body))
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(body)
        case "gzip":
            return gzip.decompress(body)
        case None:
            return body
    raise AssertionError(response.headers["Content-Encoding"])


def without_times(body: bytes) -> bytes:
    """An answer without how long it took."""
    return re.sub(rb'"took_ms":[\s\d.e-]+|\d+\.\d+\xec\xb4\x88', b"", body)


@pytest.mark.parametrize(("path", "encoding"), list(product(PATHS, ENCODINGS)))
def test_an_answer_is_the_same_in_every_encoding(client: FlaskClient, path: str, encoding: str) -> None:
    plain, small = get(client, path, None), get(client, path, encoding)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == encoding
    assert without_times(decoded(small)) == without_times(plain.get_data())
    assert len(small.get_data()) < len(plain.get_data()) * 0.7
    for response in (plain, small):
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers["Content-Type"] == plain.headers["Content-Type"]
        if "Content-Length" in response.headers:
            assert int(response.headers["Content-Length"]) == len(response.get_data())


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        (BROWSER, "br"),
        ("gzip, deflate", "gzip"),
        ("gzip, zstd", "zstd"),
        ("GZIP", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("br; q=0.1, zstd ; q=0.5", "zstd"),
        ("*", "br"),
        ("br;q=0, *", "zstd"),
        ("*;q=0.5, gzip", "gzip"),
        ("gzip;q=0", None),
        ("br;q=0,gzip;q=0,zstd;q=0", None),
        ("*;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0", None),
        ("deflate, compress, x-gzip", None),
        ("gzip;q=nan", None),
        ("gzip;q=", None),
    ],
)
def test_the_client_chooses(client: FlaskClient, accepted: str | None, encoding: str | None) -> None:
    for path in ("/", "/static/bodo.css"):
        response = get(client, path, accepted)
        assert response.status_code == 200
        # A quality that is none says nothing: either answer is right.
        if accepted not in ("gzip;q=nan", "gzip;q="):
            assert response.headers.get("Content-Encoding") == encoding
        assert decoded(response) == decoded(get(client, path, None))


QUALITIES = st.sampled_from([0.0, 0.1, 0.5, 1.0])
WISHES = st.dictionaries(st.sampled_from([*ENCODINGS, "identity", "*", "deflate"]), QUALITIES, max_size=6)


@given(WISHES)
def test_what_is_chosen_is_wanted_most(wishes: dict[str, float]) -> None:
    def wanted(encoding: str) -> float:
        return wishes.get(encoding, wishes.get("*", 0.0))

    chosen = choose_encoding(Accept(wishes.items()))
    assert wanted(chosen or "identity") >= max(map(wanted, ENCODINGS))
    if chosen:
        assert wanted(chosen) >= max(wanted("identity"), 0.1)
    if not chosen:
        assert wanted("identity") >= max(map(wanted, ENCODINGS)) or not any(map(wanted, ENCODINGS))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_header_gets_the_page(client: FlaskClient, accepted: str) -> None:
    assert decoded(get(client, "/help", accepted)) == get(client, "/help", None).get_data()


@pytest.mark.parametrize("path", ["/robots.txt", "/healthz", "/static/icon.svg"])
def test_a_small_answer_is_left_alone(client: FlaskClient, path: str) -> None:
    response = get(client, path, BROWSER)
    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "encoding"),
    list(product(["/feed.atom", "/sitemap.xml", "/static/bodo.css"], [None, *ENCODINGS])),
)
def test_who_has_an_encoding_is_told_so(client: FlaskClient, path: str, encoding: str | None) -> None:
    tag = get(client, path, encoding).headers["ETag"]
    again = get(client, path, encoding, If_None_Match=tag)
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in again.headers
    assert get(client, path, encoding, If_None_Match='"other"').status_code == 200


def test_a_strong_tag_names_one_encoding(client: FlaskClient) -> None:
    tags = [get(client, "/static/bodo.css", encoding).headers["ETag"] for encoding in (None, *ENCODINGS)]
    assert len(set(tags)) == 4
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("path", PATHS)
def test_head_says_what_get_would(client: FlaskClient, path: str) -> None:
    for accepted in (None, *ENCODINGS):
        whole = get(client, path, accepted)
        headers = {"Accept-Encoding": accepted} if accepted else {}
        with client.head(path, headers=headers) as head:
            assert (head.status_code, head.get_data()) == (200, b"")
            for name in ("Content-Type", "Content-Encoding", "Vary", "ETag", "Cache-Control"):
                assert head.headers.get(name) == whole.headers.get(name), name


@pytest.mark.parametrize("accepted", [None, BROWSER])
def test_a_part_of_a_file_is_a_part_of_its_bytes(client: FlaskClient, accepted: str | None) -> None:
    whole = get(client, "/static/bodo.css", None).get_data()
    part = get(client, "/static/bodo.css", accepted, Range="bytes=100-5099")
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert part.get_data() == whole[100:5100]
    assert part.headers["Content-Range"] == f"bytes 100-5099/{len(whole)}"


def test_errors_are_answered_to_every_client(client: FlaskClient) -> None:
    for path, status in (("/nothing", 404), ("/search", 400), ("/api/v1/search", 400)):
        response = get(client, path, BROWSER)
        assert response.status_code == status
        assert decoded(response) == get(client, path, None).get_data()
