"""`sources.toml`: what people write, and what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import BodoError
from indexer.pulling.addresses import check_target
from indexer.pulling.fetch_error import FetchError
from indexer.pulling.source import KOREA_KR_URL, parse_sources, read_sources
from indexer.sources.corpus.walk import list_files
from tests.conftest import ROOT

GOOD = '[[source]]\nname = "창원시"\nkind = "rss"\nurl = "https://www.example.kr/rss.xml"\n'


def problem_of(text: str) -> str:
    """What is told of the one source of `text`, with those of the sources around it read."""
    sources, problems = parse_sources(f'{GOOD}\n{text}\n[[source]]\nname = "셋째"\nkind = "korea.kr"\n')
    assert [source.name for source in sources] == ["창원시", "셋째"]
    (problem,) = problems
    assert str(problem.line) in str(problem)
    return str(problem)


def test_the_defaults() -> None:
    (source, api), problems = parse_sources(GOOD + '[[source]]\nname = "api"\nkind = "korea.kr"\n')
    assert problems == []
    assert (source.kind, source.follow, source.max_items, source.delay_s) == ("feed", True, 100, 1.0)
    assert source.rules.private_hosts == frozenset()
    assert (api.url, api.key_env) == (KOREA_KR_URL, "BODO_KOREA_KR_KEY")


def test_private_hosts_are_only_those_that_are_named() -> None:
    for value, hosts in (
        ("true", {"10.0.0.7:8080"}),
        ("false", set()),
        ('["inside.example", "10.0.0.9:81"]', {"inside.example", "10.0.0.9:81"}),
    ):
        text = GOOD.replace("www.example.kr", "10.0.0.7:8080") + f"allow_private = {value}\n"
        ((source,), _) = parse_sources(text)
        assert source.rules.private_hosts == hosts


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://10.0.0.7/rss", "10.0.0.7:80"),
        ("https://Inside.example/rss", "inside.example:443"),
        ("http://inside.example:8080/rss", "inside.example:8080"),
        ("https://[::1]/rss", "[::1]:443"),
        ("http://[::1]:8080/rss", "[::1]:8080"),
        ("http://시청.example/rss", "xn--vv4bo3p.example:80"),
    ],
)
def test_a_private_source_opens_one_port_only(url: str, allowed: str) -> None:
    text = GOOD.replace("https://www.example.kr/rss.xml", url) + "allow_private = true\n"
    ((source,), _) = parse_sources(text)
    private = source.rules.private_hosts
    assert private == {allowed}

    def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.7"]

    assert check_target(url, private, resolve).is_private
    host = allowed.rpartition(":")[0]
    for port in (22, 80, 443, 6379, 8080, 9200):
        if f"{host}:{port}" != allowed:
            with pytest.raises(FetchError):
                check_target(f"http://{host}:{port}/", private, resolve)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('oulet = "창원시"', ("sources.toml:11", "‘도시’", "oulet", "outlet", "max_items")),
        ('links = "a"', ("sources.toml:11", "feed에 없는", "follow")),
        ("delay_s = -1", ("sources.toml:11", "delay_s", "3600")),
        ("max_items = true", ("max_items", "10000")),
        ('attachment_pattern = "("', ("attachment_pattern", "정규식")),
        ('follow = "yes"', ("follow", "true나 false")),
        ("attachment_suffixes = 3", ("attachment_suffixes", "목록")),
    ],
)
def test_a_typo_is_named_with_its_line_and_what_may_stand_there(line: str, words: tuple[str, ...]) -> None:
    text = f'[[source]]\nname = "도시"\nkind = "rss"\nurl = "https://a.example/rss"\n\n{line}'
    told = problem_of(text)
    assert not [word for word in words if word not in told], told


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('name = "../밖"\nkind = "rss"\nurl = "https://a.example/"', "폴더 이름"),
        ('name = ".숨은"\nkind = "rss"\nurl = "https://a.example/"', "폴더 이름"),
        ('name = "보도.첨부"\nkind = "rss"\nurl = "https://a.example/"', "폴더 이름"),
        ('kind = "rss"\nurl = "https://a.example/"', "name"),
        ('name = "창원시"\nkind = "rss"\nurl = "https://a.example/"', "앞의 것과 같습니다"),
        ('name = "a"\nkind = "rsss"\nurl = "https://a.example/"', "kind"),
        ('name = "a"\nurl = "https://a.example/"', "kind"),
        ('name = "a"\nkind = "rss"', "url"),
        ('name = "a"\nkind = "rss"\nurl = "file:///etc/passwd"', "주소"),
        ('name = "a"\nkind = "list"\nurl = "https://a.example/"', "link_pattern"),
        ('name = "a"\nkind = "list"\nurl = "https://a.example/"\nlinks = "a["', "CSS"),
        ('name = "a"\nkind = "list"\nurl = "https://a.example/"\nlinks = "a"\nlink_url = "https://a.example/{0}"', "link_pattern"),
        ('name = "a"\nkind = "korea.kr"\nkey_env = "abc+123=="', "환경 변수의 이름"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_used_stops_no_other(text: str, word: str) -> None:
    assert word in problem_of(f"[[source]]\n{text}\n")


def test_suffixes_are_taken_with_and_without_a_dot() -> None:
    ((source,), _) = parse_sources(GOOD + 'attachment_suffixes = ["hwp", ".PDF", "*.csv"]\n')
    assert source.attachment_suffixes == (".hwp", ".pdf", ".csv")
    wrong = problem_of(f'[[source]]\nname = "a"\n{GOOD.split(chr(10), 2)[2]}attachment_suffixes = ["한글"]')
    assert "확장자" in wrong


def test_a_key_in_the_place_of_its_name_is_not_shown() -> None:
    told = problem_of('[[source]]\nname = "a"\nkind = "korea.kr"\nkey_env = "SECRET+123=="')
    assert "SECRET" not in told


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BodoError, match=r"sources\.toml 파일이 없습니다"):
        read_sources(tmp_path)
    path = tmp_path / "sources.toml"
    path.write_text("[[source]]\nname = 창원시\n", "utf-8")
    with pytest.raises(BodoError, match=r"sources\.toml:2"):
        read_sources(tmp_path)
    path.write_bytes("[[source]]\nname = '창원시'\n".encode("cp949"))
    with pytest.raises(BodoError, match="UTF-8"):
        read_sources(tmp_path)


def test_quotes_within_quotes_are_explained(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(GOOD + "link_pattern = 'fn_view\\('(1)'\\)'\n", "utf-8")
    with pytest.raises(BodoError, match=r"sources\.toml:5") as refused:
        read_sources(tmp_path)
    assert "'''값'''" in refused.value.hint


def test_the_examples_of_the_guide_are_sources() -> None:
    guide = (ROOT / "docs" / "pull.md").read_text("utf-8")
    blocks = re.findall(r"^( *)```toml\n(.*?)^ *```$", guide, re.M | re.S)
    assert len(blocks) >= 2
    sources = []
    for indent, block in blocks:
        found, problems = parse_sources(block.replace(f"\n{indent}", "\n").removeprefix(indent))
        assert (len(found), problems) == (1, [])
        sources += found
    (script,) = [source for source in sources if source.link_url]
    assert script.link_pattern is not None
    match = script.link_pattern.search("fn_view('77')")
    assert match is not None
    assert match[1] == "77"


def test_it_is_no_release(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(GOOD, "utf-8")
    assert list_files(tmp_path) == ([], [])


def test_the_shipped_file_has_no_source_and_its_example_is_one() -> None:
    text = (ROOT / "corpus" / "sources.toml").read_text("utf-8")
    assert parse_sources(text) == ([], [])
    uncommented = "\n".join(
        line[2:] if line.startswith("# ") and "=" in line else line.replace("# [[", "[[")
        for line in text.splitlines()
    )
    sources, problems = parse_sources(uncommented)
    assert problems == []
    assert {source.kind for source in sources} == {"feed", "sitemap", "list", "korea.kr"}


@given(st.text(max_size=300))
def test_any_text_is_sources_problems_or_no_toml(text: str) -> None:
    try:
        sources, problems = parse_sources(text)
    except (ValueError, RecursionError):
        return
    assert all(problem.line >= 1 for problem in problems)
    assert not any("/" in source.name for source in sources)
