from __future__ import annotations

from datetime import UTC, datetime

import pytest

from web.formats import byte_size, field_label, korean_date, particle, plain_uri, safe_url


def test_times_are_shown_as_in_seoul() -> None:
    late = datetime(2023, 4, 24, 16, 28, tzinfo=UTC)
    assert korean_date(late) == "2023. 4. 25. 01:28"
    assert korean_date(late, "day") == "2023. 4. 25."


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (48_200, "47 KB"), (3_400_000, "3.2 MB")],
)
def test_sizes(size_bytes: int, shown: str) -> None:
    assert byte_size(size_bytes) == shown


def test_fields_have_korean_names() -> None:
    assert (field_label("department"), field_label("id")) == ("담당 부서", "id")


@pytest.mark.parametrize("url", ["https://example.org/가?나=다", "http://example.org"])
def test_web_addresses_are_links(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "/path",
        "https:///path",
        "http://[",
        "file:///etc/passwd",
    ],
)
def test_other_addresses_are_not(url: str) -> None:
    assert safe_url(url) == ""


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("https://보도.kr/가 나?다=라", "https://xn--hq1b67o.kr/%EA%B0%80%20%EB%82%98?%EB%8B%A4=%EB%9D%BC"),
        ("https://example.org/%EA%B0%80", "https://example.org/%EA%B0%80"),
        ("https://a b/", ""),
        ("https://@/", ""),
        ("https://a:b/", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_an_address_is_written_in_plain_letters(url: str, uri: str) -> None:
    assert plain_uri(url) == uri


@pytest.mark.parametrize(
    ("word", "to", "with_"),
    [
        ("하노버", "로", "와"),
        ("창원", "으로", "과"),
        ("서울", "로", "과"),
        ("ckd", "(으)로", "와(과)"),
        ("5", "(으)로", "와(과)"),
        ("", "(으)로", "와(과)"),
    ],
)
def test_a_particle_fits_its_word(word: str, to: str, with_: str) -> None:
    assert (particle(word, "으로"), particle(word, "과")) == (to, with_)
