"""A client that openapi-python-client makes from docs/openapi.json searches, as a stranger's would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from tests.conftest import ROOT
from tests.support.http_servers import serving_app
from tests.support.services import memory_service
from tests.support.web_releases import HANOVER, RELEASES
from web.app import create_app

DESCRIPTION = ROOT / "docs" / "openapi.json"
BIN = Path(sys.executable).parent
GENERATOR = shutil.which("openapi-python-client", path=BIN)
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not DESCRIPTION.exists(), reason="docs/openapi.json is not there"),
    pytest.mark.skipif(GENERATOR is None, reason="openapi-python-client is not installed (make install)"),
]
# What a stranger writes: only names that the description gives.
SCRIPT = """
import json, sys
from bodo_client import Client
from bodo_client.api.default import read_release, search, suggest

with Client(base_url=sys.argv[1], raise_on_unexpected_status=True) as client:
    answer = search.sync(client=client, q="하노버 산업박람회", limit=50)
    hit = next(hit for hit in answer.hits if hit.id == sys.argv[2])
    release = read_release.sync(hit.id, client=client)
    offered = suggest.sync(client=client, q="하노")
    problem = search.sync_detailed(client=client, q=" ")
print(json.dumps({
    "total": answer.total, "id": hit.id, "title": hit.title, "marked": [one.text[a:b] for one in hit.snippets for a, b in one.ranges],
    "published": str(hit.published_at), "paragraph": release.sections[0].paragraphs[0],
    "offered": [one.text for one in offered.suggestions], "status": problem.status_code, "detail": problem.parsed.detail,
}))
"""


def test_a_generated_client_searches(tmp_path: Path, analyzer: Analyzer) -> None:
    package = tmp_path / "bodo_client"
    generate = [
        str(GENERATOR),
        "generate",
        "--path",
        str(DESCRIPTION),
        "--meta",
        "none",
        "--output-path",
        str(package),
    ]
    # It formats what it wrote with ruff.
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    made = subprocess.run(generate, env=environment, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    # The stream is lines of JSON, for which no client can be made: the only thing that may be left out.
    omitted = [
        line for line in (made.stdout + made.stderr).splitlines() if line.startswith(("WARNING", "ERROR"))
    ]
    assert [line for line in omitted if "/api/v1/releases " not in line] == []
    service = memory_service(tmp_path / "index", analyzer, RELEASES)
    with serving_app(create_app(service)) as url:
        run = [sys.executable, "-c", SCRIPT, url, HANOVER.id]
        done = subprocess.run(
            run,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["id"] == HANOVER.id
    assert seen["title"] == HANOVER.title
    assert seen["total"] >= 1
    assert "하노버" in seen["marked"]
    assert seen["published"].startswith("2023-04-25")
    assert seen["paragraph"] == HANOVER.sections[0].paragraphs[0]
    assert any("하노버" in text for text in seen["offered"])
    assert seen["status"] == 400
    assert "비어 있습니다" in seen["detail"]
