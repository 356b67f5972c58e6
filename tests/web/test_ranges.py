"""Ranges count code points: docs/api.md marks one in three languages, and each marks the same."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.search.service import SearchService
from tests.conftest import release_of
from web.app import create_app
from web.describe import DOCS

# One code point each, two UTF-16 units: an emoji, and a Han character outside of the first plane.
TITLE = "😀𠮷 하노버 😀 산업 하노버"
MARKED = "😀𠮷 [하노버] 😀 산업 [하노버]"


@pytest.fixture
def ranges(service_of: Callable[..., SearchService]) -> list[list[int]]:
    """What the endpoint says of the title."""
    client: FlaskClient = create_app(service_of(release_of(TITLE, "본문이다.", id="a"))).test_client()
    (hit,) = client.get("/api/v1/search?q=하노버").get_json()["hits"]
    assert hit["title"] == TITLE
    found: list[list[int]] = hit["title_ranges"]
    return found


def example(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", (DOCS / "api.md").read_text("utf-8"), re.DOTALL)
    return str(code)


def run(*command: str) -> str:
    return subprocess.run(
        command, capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout.strip()


def test_python(ranges: list[list[int]]) -> None:
    names: dict[str, Callable[[str, list[list[int]]], str]] = {}
    exec(example("python"), names)  # noqa: S102 - our own document
    assert names["mark"](TITLE, ranges) == MARKED


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node.js")
def test_javascript(ranges: list[list[int]]) -> None:
    call = f"console.log(mark({json.dumps(TITLE)}, {json.dumps(ranges)}))"
    assert run("node", "-e", f"{example('javascript')}\n{call}") == MARKED


@pytest.mark.skipif(not shutil.which("javac"), reason="there is no Java compiler")
def test_java(ranges: list[list[int]], tmp_path: Path) -> None:
    array = json.dumps(ranges).replace("[", "{").replace("]", "}")
    call = f'new java.io.PrintStream(System.out, true, "UTF-8").println(mark({json.dumps(TITLE)}, new int[][] {array}));'
    main = f"public static void main(String[] args) throws Exception {{ {call} }}"
    source = tmp_path / "Ranges.java"
    source.write_text(f"public class Ranges {{\n{example('java')}\n{main}\n}}\n", "utf-8")
    assert run("java", str(source)) == MARKED
