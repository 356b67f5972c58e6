"""Names that come from outside."""

from __future__ import annotations

import os
import unicodedata
from email.header import Header
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.curation.files import CURATED_FILES
from indexer.pulling.file_names import name_of_disposition, name_of_url, safe_file_name

NAME = "보도자료 (창원특례시) 1호.hwpx"
UTF8 = NAME.encode().decode("latin-1")
CP949 = NAME.encode("cp949").decode("latin-1")


@pytest.mark.parametrize(
    "header",
    [
        f"attachment; filename*=UTF-8''{quote(NAME)}",
        f"attachment; filename*=utf-8'ko'{quote(NAME)}; filename=other.hwp",
        f"attachment; filename=other.hwp; filename*=UTF-8''{quote(NAME)}",
        f'attachment;FileName="other.hwp";FILENAME* = "UTF-8\'\'{quote(NAME)}"',
        f"attachment; filename*=EUC-KR''{quote(NAME.encode('cp949'))}",
        f"attachment; filename*=exotic''{quote(NAME)}; filename=\"{UTF8}\"",
        f"attachment; filename*=UTF-8''%FF%FE; filename=\"{UTF8}\"",
        f"attachment; filename*={quote(NAME)}; filename={UTF8}",
        f'attachment; filename="{UTF8}"',
        f'attachment; filename="{CP949}"',
        f"attachment; filename={CP949};",
        f"attachment; filename={UTF8}",
        f'inline; filename="{quote(NAME)}"',
        f'attachment; filename="{quote(NAME.encode("cp949"))}"',
        f'attachment; filename="{quote(NAME, safe="()").replace("%20", "+")}"',
        f'attachment; filename="{Header(NAME, "utf-8").encode(maxlinelen=0)}"',
        f'attachment; filename="{Header(NAME, "euc-kr").encode(maxlinelen=0)}"',
        f'attachment; filename="C:\\Users\\kim\\{UTF8}"',
        f'attachment; filename="../../../{UTF8}"',
        f'filename="{UTF8}"',
    ],
)
def test_name_as_portals_send_it(header: str) -> None:
    assert name_of_disposition(header) == NAME


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", ""),
        ("attachment", ""),
        ("attachment; filename=", ""),
        ('attachment; filename=""', ""),
        ('attachment; filename="', ""),
        ('attachment; filename="a', "a"),
        ('attachment; filename="a \\"b\\".hwp"', "a _b_.hwp"),
        ('attachment; filename="a;b.hwp"', "a;b.hwp"),
        ("attachment; filename=a+b%20c.hwp", "a+b c.hwp"),
        ("attachment; filename=50%.hwp", "50%.hwp"),
        ("attachment; filename==?utf-8?b?!!!?=", ""),
        ("attachment; filename==?nonsense?b?YQ==?=", "a"),
        ("attachment; filename=%00%2e%2e%2fa.hwp", "a.hwp"),
        ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
    ],
)
def test_name_that_is_odd(header: str, name: str) -> None:
    assert name_of_disposition(header) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/files/%EB%B3%B4%EB%8F%84.hwp?x=1#y", "보도.hwp"),
        ("https://a.example/files/%BA%B8%B5%B5.hwp", "보도.hwp"),
        ("https://a.example/보도.hwp", "보도.hwp"),
        ("https://a.example/files/", ""),
        ("https://a.example", ""),
        ("https://a.example/a/..%2F..%2Fx.hwp", "x.hwp"),
        ("https://a.example/%2e%2e", ""),
    ],
)
def test_name_of_an_address(url: str, name: str) -> None:
    assert name_of_url(url) == name


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("보도.hwp", "보도.hwp"),
        (unicodedata.normalize("NFD", "보도.hwp"), "보도.hwp"),
        ("a/b\\c.hwp", "c.hwp"),
        ("..", ""),
        ("../..", ""),
        (" . . ", ""),
        (".htaccess", "htaccess"),
        ("...a.hwp. ", "a.hwp"),
        ("a\x00b\r\n\tc.hwp", "ab c.hwp"),
        ("보도\u202epwh.exe", "보도pwh.exe"),
        ("보\u200b도\ufeff.hwp", "보도.hwp"),
        ("\ud800a.hwp", "a.hwp"),
        ('a<b>:"|?*.hwp', "a_b______.hwp"),
        ("a  　 b.hwp", "a b.hwp"),
        ("ᄇ\u200bᅩ도.hwp", "보도.hwp"),
        ("<\u0338.hwp", "≮.hwp"),
        ("Dictionary.TXT", "_Dictionary.TXT"),
        ("README.md", "_README.md"),
        ("sources.toml", "sources.toml.txt"),
        ("보도.TOML", "보도.TOML.txt"),
        ("\u202e.dictionary.txt", "_dictionary.txt"),
        ("가" * 100 + ".hwpx", "가" * 83 + ".hwpx"),
        ("가" * 100, "가" * 85),
        ("a." + "b" * 300, "a." + "b" * 253),
    ],
)
def test_safe_name(given_name: str, name: str) -> None:
    assert safe_file_name(given_name) == name


any_name = st.text(max_size=400) | st.text(st.sampled_from("./\\ \x00\u202e:가ㄱ́~"), max_size=60)


@given(any_name)
@example("dictionary.txt" + "\u200b")
@example("a" * 251 + ".toml")
@example("." * 300 + "a")
def test_any_name_stays_in_its_folder(name: str) -> None:
    safe = safe_file_name(name)
    if not safe:
        return
    folder = Path("/corpus/feed")
    assert Path(os.path.normpath(folder / safe)).parent == folder
    assert (folder / safe).name == safe
    assert not safe.startswith((".", " "))
    assert len(safe.encode()) <= 255
    assert safe == unicodedata.normalize("NFC", safe)
    assert safe.isprintable()
    assert not safe.lower().endswith(".toml")
    assert safe.casefold() not in {file.name for file in CURATED_FILES}
    assert safe_file_name(safe) == safe


@given(
    st.text(st.characters(max_codepoint=255), max_size=200)
    | any_name.map(lambda name: f"attachment; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'))}")
)
@example("filename=0%85%00%00%850")
def test_any_header_gives_a_safe_name(header: str) -> None:
    safe = name_of_disposition(header)
    assert safe == safe_file_name(safe)


@given(st.text(max_size=60).filter(lambda name: safe_file_name(name) == name))
def test_safe_name_arrives_as_it_was_sent(name: str) -> None:
    assert name_of_disposition(f"attachment; filename*=UTF-8''{quote(name)}") == name
    assert name_of_url(f"http://a.example/{quote(name)}") in (name, safe_file_name(name.replace("+", " ")))
