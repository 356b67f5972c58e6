"""`bodo pull` and `bodo add URL`: what is at a site is found."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.pulling.store import Store
from indexer.pulling.unindexed import unindexed_mark
from tests.support.desk import Desk
from tests.support.documents import hwpx, paragraph
from tests.support.pulls import page, portal
from tests.support.site_answers import Page, Stall
from tests.support.site_pages import PortalFile, publish, release_page
from tests.support.sites import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


def declare(desk: Desk, site: Site, *names: str, more: str = "") -> None:
    text = "".join(
        f'[[source]]\nname = "{name}"\nkind = "rss"\nurl = "{site.url}/{name}.xml"\nallow_private = true\n'
        f"delay_s = 0\n{more}\n"
        for name in names
    )
    (desk.corpus / "sources.toml").write_text(text, "utf-8")


def test_what_is_new_is_found(desk: Desk, site: Site) -> None:
    publish(site, portal(3))
    declare(desk, site, "rss")
    done = desk.run("pull")
    assert done.exit_code == 0, done.output
    assert "rss: 새것 3, 바뀜 0, 거절 0, " in done.stdout
    assert "색인: 추가 3, 변경 0" in done.stdout
    assert len(desk.search_ids("산업 단지 조성")) == 3
    assert len(desk.search_ids('"붙임1002호의 글"')) == 1
    again = desk.run("pull")
    assert (again.exit_code, again.stdout.count("\n")) == (0, 1)
    assert "새것 0, 바뀜 0, 거절 0" in again.stdout
    # The corpus alone makes the same index.
    assert desk.run("reindex", "--full").exit_code == 0
    assert len(desk.search_ids("산업 단지 조성")) == 3


def test_a_correction_is_found_instead(desk: Desk, site: Site) -> None:
    first, second = portal(2)
    publish(site, [first, second])
    declare(desk, site, "rss")
    assert desk.run("pull").exit_code == 0
    publish(site, [replace(first, paragraphs=("창원특례시는 물레방아를 세운다고 밝혔다.",)), second])
    done = desk.run("pull")
    assert "새것 0, 바뀜 1" in done.stdout
    assert "변경 1" in done.stdout
    assert len(desk.search_ids("물레방아")) == 1
    assert len(desk.search_ids("산업 단지 조성")) == 2


def test_one_bad_source_stops_no_other(desk: Desk, site: Site) -> None:
    publish(site, portal(1))
    declare(desk, site, "없는", "rss")
    path = desk.corpus / "sources.toml"
    path.write_text('[[source]]\nname = "틀린"\nkind = "rss"\nulr = "x"\n' + path.read_text("utf-8"), "utf-8")
    done = desk.run("pull")
    assert done.exit_code == 1
    assert "sources.toml:4: ‘틀린’" in done.stderr
    assert "없는: 새것 0, 바뀜 0, 거절 0" in done.stdout
    assert "(실패)" in done.stdout
    assert "rss: 새것 1" in done.stdout
    assert len(desk.search_ids("산업 단지")) == 1
    # The names that are given count only.
    assert desk.run("pull", "rss").exit_code == 0
    unknown = desk.run("pull", "모름")
    assert (unknown.exit_code, "있는 것: 없는, rss" in unknown.output) == (1, True)


def test_a_source_that_hangs_holds_up_neither_another_nor_the_index(desk: Desk, site: Site) -> None:
    publish(site, portal(2))
    site.pages["/slow.xml"] = site.pages["/rss.xml"]
    site.script["/slow.xml"] = [Stall(0)]
    declare(desk, site, "slow", "rss")
    path = desk.corpus / "sources.toml"
    path.write_text(path.read_text("utf-8").replace("127.0.0.1", "localhost", 1), "utf-8")
    running = subprocess.Popen(
        desk.command_line("pull"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        told = [running.stdout.readline(), running.stdout.readline()]
        assert running.poll() is None
    finally:
        running.kill()
        running.communicate()
    assert told[0].startswith("rss: 새것 2")
    assert told[1].startswith("색인: 추가 2")
    assert len(desk.search_ids("산업 단지 조성")) == 2


def test_other_tools_get_json(desk: Desk, site: Site) -> None:
    releases = portal(2)
    publish(site, releases)
    site.pages.pop(releases[0].path)
    declare(desk, site, "rss")
    done = desk.run("pull", "--json")
    assert done.exit_code == 0
    record = json.loads(done.stdout)
    (source,) = record["sources"]
    assert (source["source"], source["new"], source["changed"], source["error"]) == ("rss", 1, 0, None)
    assert source["refused"][0]["item"] == releases[0].title
    assert record["index"]["added"] == 1
    assert json.loads(desk.run("pull", "--json", "--check").stdout)["sources"][0]["listed"] == 2


def test_a_check_writes_nothing(desk: Desk, site: Site) -> None:
    publish(site, portal(2))
    declare(desk, site, "rss")
    before = {path: path.stat().st_mtime_ns for path in desk.corpus.rglob("*")}
    done = desk.run("pull", "--check")
    assert done.exit_code == 0, done.output
    assert "목록에 2건" in done.stdout
    assert "창원특례시, 2번째 산업 단지 조성 계획 발표" in done.stdout
    assert "붙임 계획 1002.hwpx" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in desk.corpus.rglob("*")} == before
    site.pages["/robots.txt"] = page("User-agent: *\nDisallow: /\n", "text/plain")
    done = desk.run("pull", "--check")
    assert (done.exit_code, "robots.txt" in done.stdout) == (1, True)


def test_without_sources_it_is_told_what_to_do(desk: Desk) -> None:
    done = desk.run("pull")
    assert (done.exit_code, "docs/pull.md" in done.output) == (1, True)


def test_what_a_killed_pull_left_unindexed_is_indexed_by_the_next(desk: Desk, site: Site) -> None:
    publish(site, portal(2))
    declare(desk, site, "rss")
    # The index is in use: the pull fetches, and ends without having indexed.
    desk.index.mkdir(exist_ok=True)
    # Without a fork: what is killed is what holds the lock.
    lock = subprocess.Popen(["flock", "--no-fork", str(desk.index / "LOCK"), "sleep", "30"])
    try:
        for _ in range(100):
            if subprocess.run(["flock", "-n", str(desk.index / "LOCK"), "true"], check=False).returncode:
                break
        done = subprocess.run(
            desk.command_line("pull", "--wait-s", 0), capture_output=True, text=True, check=False
        )
    finally:
        lock.kill()
        lock.wait()
    assert done.returncode == 1
    assert "새것 2" in done.stdout
    assert unindexed_mark(desk.corpus / "rss")
    again = desk.run("pull")
    assert "새것 0" in again.stdout
    assert "추가 2" in again.stdout
    assert unindexed_mark(desk.corpus / "rss") == ""


def test_two_pulls_at_once_bring_each_release_once(desk: Desk, site: Site) -> None:
    publish(site, portal(4))
    declare(desk, site, "rss")
    both = [
        subprocess.Popen(desk.command_line("pull"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in "ab"
    ]
    told = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    assert desk.run("pull").exit_code == 0
    assert len(desk.search_ids("산업 단지 조성")) == 4
    assert len(list(desk.corpus.glob("rss/*/*.html"))) == 4


def test_a_pull_that_another_one_makes_is_skipped(desk: Desk, site: Site) -> None:
    publish(site, portal(1))
    declare(desk, site, "rss")
    with Store(desk.corpus / "rss").locked():
        done = desk.run("pull")
    assert (done.exit_code, "건너뜀" in done.stdout) == (0, True)


def test_an_embargo_of_a_pulled_release_holds(desk: Desk, site: Site) -> None:
    (one,) = portal(1)
    later = replace(one, paragraphs=("보도시점: 2099. 1. 1. 09:00", *one.paragraphs))
    publish(site, [later])
    declare(desk, site, "rss")
    assert desk.run("pull").exit_code == 0
    assert desk.search_ids("산업 단지 조성") == []
    assert desk.search_ids('"붙임1001호의 글"') == []


def test_an_address_can_be_added(desk: Desk, site: Site) -> None:
    (one,) = portal(1)
    publish(site, [one])
    done = desk.run("add", "--allow-private", site.url + one.path)
    assert done.exit_code == 0, done.output
    assert "추가 1" in done.stdout
    assert len(desk.search_ids('"붙임1001호의 글"')) == len(desk.search_ids("산업 단지 조성")) == 1
    names = desk.names() - {"첫.txt"}
    assert len(names) == 3
    assert all(name.startswith("2026-02-02-창원특례시-1번째-산업-단지") for name in names)
    # The same again is nothing; a correction needs a word.
    assert desk.run("add", "--allow-private", site.url + one.path).exit_code == 0
    corrected = replace(one, paragraphs=("창원특례시는 물레방아를 세운다고 밝혔다.",))
    site.pages[one.path] = Page(release_page(corrected).encode())
    refused = desk.run("add", "--allow-private", site.url + one.path)
    assert (refused.exit_code, "--replace" in refused.output) == (1, True)
    assert desk.run("add", "--allow-private", "--replace", site.url + one.path).exit_code == 0
    assert len(desk.search_ids("물레방아")) == 1


def test_an_attachment_with_a_long_name_is_added(desk: Desk, site: Site) -> None:
    (one,) = portal(1)
    file = PortalFile("가" * 60 + ".hwpx", one.files[0].body)
    one = replace(one, title=("긴 제목의 보도자료 " * 9).strip(), files=(file,))
    publish(site, [one])
    assert desk.run("add", "--allow-private", site.url + one.path).exit_code == 0
    (path,) = desk.corpus.rglob("*.hwpx")
    assert 240 < len(path.name.encode()) <= 255


def test_a_document_behind_an_address_can_be_added(desk: Desk, site: Site) -> None:
    site.pages["/a.hwpx"] = Page(
        hwpx(
            paragraph("새 도서관 문 열어"),
            paragraph("창원특례시(시장 홍길동)는 25일 새 도서관을 열었다고 밝혔다."),
        ),
        "application/octet-stream",
    )
    assert desk.run("add", "--allow-private", f"{site.url}/a.hwpx").exit_code == 0
    assert len(desk.search_ids("도서관")) == 1


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (page("<html><body><p>로그인이 필요합니다.</p></body></html>"), "오류"),
        (None, "404"),
        (Page(b"\x89PNG\r\n\x1a\n", "image/png"), "PNG"),
    ],
)
def test_what_is_no_release_is_not_added(answer: Page | None, word: str, desk: Desk, site: Site) -> None:
    if answer is not None:
        site.pages["/x"] = answer
    done = desk.run("add", "--allow-private", f"{site.url}/x")
    assert done.exit_code == 1
    assert desk.names() == {"첫.txt"}
    assert word in done.output or "보도자료" in done.output


def test_an_address_inside_is_not_asked_unless_it_is_allowed(desk: Desk, site: Site) -> None:
    publish(site, portal(1))
    done = desk.run("add", f"{site.url}/news/view.do?newsId=1001")
    assert (done.exit_code, site.connections) == (1, 0)
    assert desk.names() == {"첫.txt"}
    declare(desk, site, "rss")
    path = desk.corpus / "sources.toml"
    path.write_text(path.read_text("utf-8").replace("allow_private = true", ""), "utf-8")
    assert desk.run("pull").exit_code == 1
    assert site.connections == 0


def test_a_killed_pull_leaves_whole_releases_only(desk: Desk, site: Site, tmp_path: Path) -> None:
    releases = portal(3)
    publish(site, releases)
    site.script[releases[1].file_path(0)] = [Stall(400)]
    declare(desk, site, "rss")
    running = subprocess.Popen(desk.command_line("pull"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while releases[1].file_path(0) not in site.paths():
        assert running.poll() is None
    running.kill()
    running.communicate()
    assert desk.run("reindex").exit_code == 0
    assert len(desk.search_ids("산업 단지 조성")) == 1
    done = desk.run("pull")
    assert "새것 2" in done.stdout, done.output
    assert len(desk.search_ids("산업 단지 조성")) == 3
    assert not list(desk.corpus.rglob(".bodo-pull-*"))
