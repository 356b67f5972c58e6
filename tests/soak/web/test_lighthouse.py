"""Lighthouse (npm: lighthouse) on the pages, while nothing else runs: its scores of speed are times."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from tests.browser.conftest import CHROMIUM, CHROMIUM_OPTIONS, serve
from tests.support.services import memory_service
from tests.support.web_releases import HANOVER, RELEASES

LIGHTHOUSE = os.environ.get("BODO_TEST_LIGHTHOUSE", "")
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not LIGHTHOUSE, reason="BODO_TEST_LIGHTHOUSE names no lighthouse"),
]
_LEAST_SCORE = 0.95
_USED = ("performance", "accessibility", "best-practices")


@pytest.mark.parametrize(
    ("path", "categories"),
    [
        ("/", (*_USED, "seo")),
        # Results are not for search engines, which is what lowers their score of SEO.
        ("/search?q=산업박람회", _USED),
        (f"/releases/{HANOVER.id}", (*_USED, "seo")),
        ("/trends?q=산업박람회&q=하노버", _USED),
    ],
)
def test_the_pages_score_well(
    tmp_path: Path, analyzer: Analyzer, path: str, categories: tuple[str, ...]
) -> None:
    file = tmp_path / "report.json"
    for site in serve(memory_service(tmp_path / "site", analyzer, RELEASES)):
        subprocess.run(
            [
                LIGHTHOUSE, site + path, "--quiet", "--output=json", f"--output-path={file}",
                f"--chrome-flags=--headless=new {' '.join(CHROMIUM_OPTIONS)}",
            ],
            env={**os.environ, "CHROME_PATH": str(CHROMIUM)}, check=True, timeout=180,
        )  # fmt: skip
    report = json.loads(file.read_text("utf-8"))
    scores = {name: report["categories"][name]["score"] for name in categories}
    print(path, scores)
    assert min(scores.values()) >= _LEAST_SCORE, scores
