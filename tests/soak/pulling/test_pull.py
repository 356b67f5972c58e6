"""A hundred pulls with faults, and a hundred that are killed: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.pulls import Puller, portal
from tests.support.site_answers import RandomFaults
from tests.support.site_pages import publish
from tests.support.sites import Site

pytestmark = pytest.mark.soak

RUNS = 100
RELEASES = 6


def corpus_after_faults(folder: Path, kind: str, seed: int) -> list[bytes]:
    """The files of a corpus that pulls with faults have made, once a pull has nothing more to do."""
    folder.mkdir()
    with Site() as site:
        publish(site, portal(RELEASES))
        if seed:
            site.faults = RandomFaults(seed, share=0.7, most=6)
        puller = Puller(site, folder, kind)
        for _ in range(60):
            report = puller.pull()
            if not (report.error or report.refused or report.waiting or report.without):
                break
            puller.later(days=8)
        assert not report.error, report
        assert len(puller.releases()) == RELEASES
        return sorted(data.replace(str(site.port).encode(), b"PORT") for data in puller.files().values())


@pytest.mark.parametrize("kind", ["rss", "list", "sitemap"])
def test_a_hundred_pulls_with_faults_end_like_one_without(kind: str, tmp_path: Path) -> None:
    without = corpus_after_faults(tmp_path / "0", kind, 0)
    for seed in range(1, RUNS + 1):
        assert corpus_after_faults(tmp_path / str(seed), kind, seed) == without, seed


def test_a_kill_at_any_moment_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    chance = random.Random(27)  # noqa: S311
    releases = portal(RELEASES)
    with Site() as site:
        publish(site, releases)
        text = f'[[source]]\nname = "rss"\nkind = "rss"\nurl = "{site.url}/rss.xml"\nallow_private = true\ndelay_s = 0\n'
        (desk.corpus / "sources.toml").write_text(text, "utf-8")
        command = desk.command_line("pull")
        for run in range(RUNS):
            # Something is new, something is lost: each run has work to be killed in.
            pages = sorted(desk.corpus.glob("rss/*/*.html"))
            for path in pages[: run % 3]:
                path.unlink()
            (desk.corpus / "rss" / ".bodo-pull.json").unlink(missing_ok=True)
            running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.2, 2.0))
            running.kill()
            running.wait()
        assert desk.run("pull").exit_code == 0
        assert desk.run("reindex").exit_code == 0
    assert len(desk.search_ids("산업 단지 조성")) == RELEASES
    assert len(list(desk.corpus.glob("rss/*/*.html"))) == RELEASES
    assert len(list(desk.corpus.glob("rss/*/*.첨부/*.hwpx"))) == RELEASES
    assert not list(desk.corpus.rglob(".bodo-pull-*"))
    for number in range(1, RELEASES + 1):
        assert len(desk.search_ids(f'"붙임{1_000 + number}호의 글"')) == 1
    assert desk.run("verify").exit_code == 0
