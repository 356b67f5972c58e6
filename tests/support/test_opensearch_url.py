"""Tests with OpenSearch: skipped and told so where no server is named, failed where the named one does not answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import OPENSEARCH_URL, ROOT
from tests.support.servers import free_port


@pytest.fixture
def test_file(tmp_path: Path) -> Path:
    path = tmp_path / "test_it.py"
    path.write_text("def test_one(opensearch_url): pass\ndef test_two(opensearch_url): pass\n")
    return path


def run(test_file: Path, url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", str(test_file)]
    environment = os.environ | {OPENSEARCH_URL: url}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)


def test_without_a_server_they_are_skipped(test_file: Path) -> None:
    done = run(test_file, "")
    assert f"OpenSearch tests: 2 skipped, {OPENSEARCH_URL} is not set (make opensearch)" in done.stdout
    assert done.returncode == 0


def test_with_a_server_that_does_not_answer_they_fail(test_file: Path) -> None:
    done = run(test_file, f"http://127.0.0.1:{free_port()}")
    assert "OpenSearch tests:" not in done.stdout
    assert "2 errors" in done.stdout
    assert done.returncode == 1
