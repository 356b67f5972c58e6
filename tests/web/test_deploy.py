"""docs/deploy.md: its files are read by the programs that they are for, and it says what the code does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.settings import DECLARED
from tests.conftest import ROOT
from web.serve import _STOP_TIMEOUT_SECONDS

GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    names = re.findall(r"`/etc/systemd/system/(.+?)`", GUIDE)
    units = dict(zip(names, blocks("ini"), strict=True))
    assert set(units) == {
        "bodo@.service", "bodo-reindex.service", "bodo-reindex.timer", "bodo-watch.service", "bodo-pull.service",
        "bodo-pull.timer",
    }  # fmt: skip
    for name, text in units.items():
        # The program must be there.
        text = text.replace("/opt/bodo/current/bin/bodo", sys.executable)
        (tmp_path / name.replace("@", "@8000")).write_text(text, "utf-8")
    told = run("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))
    # It tells of keys that it does not know, and goes on.
    assert str(tmp_path) not in told, told


@pytest.mark.skipif(not shutil.which("nginx") or not shutil.which("openssl"), reason="needs nginx, openssl")
def test_nginx_reads_its_configuration(tmp_path: Path) -> None:
    (text,) = blocks("nginx")
    key, certificate = tmp_path / "a.key", tmp_path / "a.pem"
    run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=search.example.kr",
        "-keyout", key, "-out", certificate,
    )  # fmt: skip
    text = re.sub(r"/etc/ssl/\S+\.key", str(key), re.sub(r"/etc/ssl/\S+\.pem", str(certificate), text))
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n", "utf-8")
    assert "test is successful" in run("nginx", "-t", "-e", tmp_path / "error.log", "-c", configuration)


def test_who_pulls_may_write_the_corpus_and_the_index() -> None:
    (unit,) = [block for block in blocks("ini") if "/bin/bodo pull" in block]
    assert "ReadWritePaths=/srv/bodo/corpus /srv/bodo/index" in unit


def test_its_variables_are_settings() -> None:
    named = set(re.findall(r"\bBODO_[A-Z_]+", GUIDE))
    assert named
    assert named <= {setting.limits.environment for setting in DECLARED.values()}


def test_systemd_waits_longer_than_the_server() -> None:
    (timeout,) = re.findall(r"^TimeoutStopSec=(\d+)$", GUIDE, re.MULTILINE)
    assert int(timeout) > _STOP_TIMEOUT_SECONDS


def test_the_metrics_that_it_names_are_there() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text("utf-8")
    known = set(re.findall(r"^\| `(bodo_\w+)`", guide, re.MULTILINE))
    named = {name.removesuffix("_bucket") for name in re.findall(r"\bbodo_[a-z_]+", GUIDE)}
    assert named
    assert named <= known
