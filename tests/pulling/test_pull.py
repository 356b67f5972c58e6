"""Whole pulls from a site that is there: each kind, again, with corrections, with faults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.pulling.pull import SOURCE_S
from indexer.pulling.state import STATE_FILE
from indexer.pulling.store import Store
from indexer.sources.corpus.walk import list_files
from tests.support.pulls import KINDS, Puller, page, portal
from tests.support.site_answers import Page, RandomFaults, Reset, Status
from tests.support.site_pages import publish, release_page
from tests.support.sites import Site


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_brings_every_release_with_its_attachment(kind: str, site: Site, tmp_path: Path) -> None:
    releases = portal(3)
    publish(site, releases)
    puller = Puller(site, tmp_path, kind, 'outlet = "시험시"')
    report = puller.pull()
    assert (report.new, report.changed, report.refused, report.error) == (3, 0, [], "")
    found = {one.title: one for one in puller.releases().values()}
    assert set(found) == {one.title for one in releases}
    for one in releases:
        release = found[one.title]
        assert one.paragraphs[0] in release.body
        assert f"붙임{one.number}호의 글이다." in release.body
        assert (release.outlet, release.published_at) == ("시험시", one.issued_at)
        assert release.url == site.url + one.path
        (attachment,) = release.attachments
        assert attachment.name == one.files[0].name
        assert attachment.url in ("", site.url + one.file_path(0))
        # As it came.
        assert release.source_path.endswith(".html")
        assert (puller.corpus / release.source_path).read_bytes() == release_page(one).encode()
        assert release.source_path.startswith(f"시험시/{one.issued_at:%Y/%Y-%m-%d}-창원특례시-")


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_pull_writes_nothing_and_asks_for_the_list_only(
    kind: str, site: Site, tmp_path: Path
) -> None:
    publish(site, portal(3))
    puller = Puller(site, tmp_path, kind)
    puller.pull()
    before, asked = puller.stamps(), len(site.paths())
    report = puller.pull()
    assert (report.new, report.changed, report.refused, report.error) == (0, 0, [], "")
    assert puller.stamps() == before
    assert len(site.paths()) - asked <= 2
    assert site.asked[-1].headers["If-None-Match"]


def test_a_new_release_is_the_only_one_that_is_fetched(site: Site, tmp_path: Path) -> None:
    releases = portal(4)
    publish(site, releases[1:])
    puller = Puller(site, tmp_path)
    puller.pull()
    publish(site, releases)
    asked = len(site.paths())
    assert puller.pull().new == 1
    new = releases[0]
    assert site.paths()[asked:] == ["/rss.xml", new.path, new.file_path(0)]
    assert len(puller.releases()) == 4


def test_a_release_that_the_feed_forgets_stays(site: Site, tmp_path: Path) -> None:
    releases = portal(3)
    publish(site, releases)
    puller = Puller(site, tmp_path)
    puller.pull()
    publish(site, releases[:1])
    site.pages.pop(releases[2].path)
    puller.later(days=1)
    assert puller.pull().error == ""
    assert len(puller.releases()) == 3


def test_a_correction_that_the_feed_tells_replaces_the_files(site: Site, tmp_path: Path) -> None:
    releases = portal(2)
    publish(site, releases)
    puller = Puller(site, tmp_path)
    puller.pull()
    names = set(puller.files())
    corrected = replace(
        releases[0],
        title=releases[0].title + "(정정)",
        paragraphs=("창원특례시는 사업비를 99억 원으로 바로잡는다고 밝혔다.",),
    )
    publish(site, [corrected, releases[1]])
    report = puller.pull()
    assert (report.new, report.changed) == (0, 1)
    # The same name: the correction stands where the mistake stood.
    assert set(puller.files()) == names
    found = puller.releases()
    assert len(found) == 2
    assert any("99억" in one.body and one.title.endswith("(정정)") for one in found.values())


@pytest.mark.parametrize("kind", ["list", "sitemap", "rss"])
def test_a_correction_that_nobody_tells_is_found_later(kind: str, site: Site, tmp_path: Path) -> None:
    releases = portal(2)
    publish(site, releases)
    puller = Puller(site, tmp_path, kind)
    puller.pull()
    corrected = replace(releases[0], paragraphs=("창원특례시는 사업비를 99억 원으로 바로잡는다고 밝혔다.",))
    site.pages[corrected.path] = Page(release_page(corrected).encode())
    assert puller.pull().changed == 0
    puller.later(hours=1.5)
    assert puller.pull().changed == 1
    assert any("99억" in one.body for one in puller.releases().values())
    # The questions become rarer, and end.
    asked = len(site.paths())
    for _ in range(30):
        puller.later(days=1)
        puller.pull()
    pages = [path for path in site.paths()[asked:] if path.startswith("/news/view")]
    assert 2 <= len(pages) <= 20


def test_a_counter_on_the_page_is_no_correction(site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    puller = Puller(site, tmp_path, "list")
    puller.pull()
    before = puller.files()
    text = release_page(one).replace("<nav>", '<!-- 33 --><input type="hidden" name="_csrf" value="b7"><nav>')
    site.pages[one.path] = page(text)
    puller.later(hours=2)
    report = puller.pull()
    assert (report.changed, puller.files()) == (0, before)


def test_a_new_attachment_comes_and_an_old_one_goes(site: Site, tmp_path: Path) -> None:
    first, second = portal(2)
    publish(site, [first])
    puller = Puller(site, tmp_path)
    puller.pull()
    other = replace(first, title=first.title + " 다시", files=second.files)
    publish(site, [other])
    assert puller.pull().changed == 1
    (release,) = puller.releases().values()
    assert [one.name for one in release.attachments] == [second.files[0].name]
    assert [name for name in puller.files() if name.endswith(".hwpx")] == [
        f"{release.source_path.removesuffix('.html')}.첨부/{second.files[0].name}"
    ]


@pytest.mark.parametrize("damage", ["lost", "empty", "cut", "other", "wrong"])
def test_a_lost_state_costs_requests_and_no_release(damage: str, site: Site, tmp_path: Path) -> None:
    publish(site, portal(3))
    puller = Puller(site, tmp_path)
    puller.pull()
    before, state = puller.files(), puller.folder / STATE_FILE
    text = state.read_text("utf-8")
    if damage == "lost":
        state.unlink()
    else:
        texts = {
            "empty": "",
            "cut": text[: len(text) // 2],
            "other": "[1, 2]",
            "wrong": text.replace('"stamp"', '"tries"'),
        }
        state.write_text(texts[damage], "utf-8")
    report = puller.pull()
    assert (report.new, report.changed, report.error) == (0, 0, "")
    assert puller.files() == before


def test_a_lost_release_is_fetched_again(site: Site, tmp_path: Path) -> None:
    publish(site, portal(3))
    puller = Puller(site, tmp_path)
    puller.pull()
    before = puller.files()
    next(puller.folder.rglob("*.html")).unlink()
    site.pages["/rss.xml"] = replace(site.pages["/rss.xml"], body=site.pages["/rss.xml"].body + b"\n")
    assert puller.pull().new == 1
    assert puller.files() == before


def test_a_page_that_is_no_release_is_refused_and_tried_again_ever_more_rarely(
    site: Site, tmp_path: Path
) -> None:
    releases = portal(3)
    publish(site, releases)
    good = site.pages[releases[1].path]
    site.pages[releases[0].path] = page(
        "<!doctype html><html><body><p>로그인이 필요합니다.</p></body></html>"
    )
    site.pages[releases[1].path] = page(
        "<!doctype html><html><body><p>요청하신 페이지를 찾을 수 없습니다. 주소를 확인하세요.</p></body></html>"
    )
    site.pages.pop(releases[2].path)
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert (report.new, len(report.refused), report.error) == (0, 3, "")
    assert all(one.reason for one in report.refused)
    assert puller.files() == {}
    asked = len(site.paths())
    assert puller.pull().refused == []
    assert len(site.paths()) == asked + 1
    puller.later(hours=1.1)
    assert len(puller.pull().refused) == 3
    puller.later(hours=1.1)
    assert puller.pull().refused == []
    # What is mended comes, and the feed need not say so.
    site.pages[releases[1].path] = good
    puller.later(hours=2)
    assert puller.pull().new == 1


def test_robots_txt_is_heeded(site: Site, tmp_path: Path) -> None:
    releases = portal(2)
    publish(site, releases)
    site.pages["/robots.txt"] = page("User-agent: *\nDisallow: /common/\n", "text/plain")
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert (report.new, len(report.without)) == (2, 2)
    assert "robots.txt" in report.without[0].reason
    assert not [path for path in site.paths() if path.startswith("/common/")]
    site.pages["/robots.txt"] = page("User-agent: *\nDisallow: /\n", "text/plain")
    other = Puller(site, tmp_path, name="다른시")
    report = other.pull()
    assert (report.new, "robots.txt" in report.error) == (0, True)


def test_an_attachment_that_fails_for_now_holds_its_release_back(site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    site.script[one.file_path(0)] = [Status(500)] * 4
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert (report.new, [trouble.is_passing for trouble in report.refused]) == (0, [True])
    assert puller.files() == {}
    puller.later(minutes=10)
    assert puller.pull().new == 1
    (release,) = puller.releases().values()
    assert len(release.attachments) == 1


def test_an_attachment_that_never_comes_holds_it_back_for_some_runs(site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    puller = Puller(site, tmp_path)
    new = 0
    for _ in range(7):
        site.script[one.file_path(0)] = [Status(500)] * 4
        new += puller.pull().new
        puller.later(days=1)
    assert new == 1
    # And is fetched once it is there.
    site.script.clear()
    puller.later(days=1)
    assert puller.pull().changed == 1
    (release,) = puller.releases().values()
    assert "붙임1001호의 글이다." in release.body


def test_an_error_page_is_no_attachment(site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    site.pages[one.file_path(0)] = page(
        "<!doctype html><html><body><p>세션이 만료되었습니다.</p></body></html>"
    )
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert (report.new, len(report.without)) == (1, 1)
    assert [name for name in puller.files() if ".첨부/" in name] == []


def test_a_source_of_many_items_is_taken_in_parts(site: Site, tmp_path: Path) -> None:
    publish(site, portal(7))
    puller = Puller(site, tmp_path, more="max_items = 3")
    seen = []
    for _ in range(4):
        report = puller.pull()
        seen.append((report.new, report.waiting))
    assert seen == [(3, 4), (3, 1), (1, 0), (0, 0)]
    titles = [one.title for one in puller.releases().values()]
    assert len(titles) == 7


def test_ten_thousand_items_are_bounded(site: Site, tmp_path: Path) -> None:
    urls = "".join(f"<url><loc>{site.url}/news/{number}</loc></url>" for number in range(60_000))
    site.pages["/sitemap.xml"] = page(f"<urlset>{urls}</urlset>", "application/xml")
    puller = Puller(site, tmp_path, "sitemap", "max_items = 2")
    report = puller.pull()
    assert (report.new, len(report.refused), report.waiting) == (0, 2, 49_998)
    assert len(site.paths()) == 3


def test_a_server_that_is_down_is_left_alone(site: Site, tmp_path: Path) -> None:
    releases = portal(9)
    publish(site, releases)
    for one in releases:
        site.script[one.path] = [Status(503)] * 100
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert report.error
    assert len({path for path in site.paths() if path.startswith("/news/view")}) == 3
    site.script.clear()
    puller.later(minutes=30)
    assert puller.pull().new == 9


@pytest.mark.parametrize(
    "answer",
    [
        page("<html><body>점검 중</body></html>"),
        page(""),
        page("<rss", "application/xml"),
        Page(b"\xff\xfe\x00", "application/xml"),
        Page(b"\x00" * 100),
    ],
)
@pytest.mark.parametrize("kind", ["rss", "sitemap"])
def test_what_is_no_list_fails_the_source_and_harms_nothing(
    kind: str, answer: Page, site: Site, tmp_path: Path
) -> None:
    publish(site, portal(1))
    puller = Puller(site, tmp_path, kind)
    puller.pull()
    before = puller.files()
    site.pages[KINDS[kind][1]] = answer
    report = puller.pull()
    assert report.error
    assert puller.files() == before


def test_a_list_without_the_chosen_links_fails(site: Site, tmp_path: Path) -> None:
    publish(site, portal(1))
    site.pages["/news/list.do"] = page("<html><body><table><tr><td>새 모양</td></tr></table></body></html>")
    report = Puller(site, tmp_path, "list").pull()
    assert "링크" in report.error
    assert "--check" in report.hint


@pytest.mark.parametrize("kind", ["list", "rss"])
def test_different_releases_of_one_id_are_told(kind: str, site: Site, tmp_path: Path) -> None:
    publish(site, portal(3))
    report = Puller(site, tmp_path, kind, 'ignore_params = ["newsid"]').pull()
    assert report.new == 1
    assert "2건" in report.warning
    assert "ignore_params" in report.warning
    assert Puller(site, tmp_path, kind, name="다른시").pull().warning == ""


def test_a_source_takes_a_bounded_time_and_goes_on_in_the_next_run(site: Site, tmp_path: Path) -> None:
    publish(site, portal(5))
    puller = Puller(site, tmp_path)
    slow = replace(puller.source, delay_s=SOURCE_S / 5)
    report = puller.pull(slow)
    # The list and robots.txt, a release with its attachment, and one whose attachment came too late.
    assert (report.new, len(report.refused), report.waiting, report.error) == (1, 1, 3, "")
    assert sum(puller.time.slept) <= SOURCE_S * 1.3
    puller.later(minutes=10)
    assert puller.pull().new == 4


def test_what_never_comes_in_time_holds_up_no_other(site: Site, tmp_path: Path) -> None:
    releases = portal(3)
    publish(site, releases)
    puller = Puller(site, tmp_path)
    site.script[releases[0].path] = [Status(503, {"Retry-After": "59"})] * 1_000
    new = 0
    for _ in range(3):
        new += puller.pull(replace(puller.source, delay_s=SOURCE_S / 6)).new
        puller.later(minutes=10)
    assert new == 2


@pytest.mark.parametrize(
    ("author", "stated", "outlet", "department"),
    [
        ("총무과", "창원시", "창원시", "총무과"),
        ("보건소", "창원시", "창원시", "보건소"),
        ("총무과", "", "", "총무과"),
        ("창원문화재단", "", "창원문화재단", ""),
    ],
)
def test_a_department_of_a_feed_is_not_the_issuer(
    author: str, stated: str, outlet: str, department: str, site: Site, tmp_path: Path
) -> None:
    site.pages["/rss.xml"] = page(
        f"<rss><channel><item><title>새 도서관 문 열어</title><link>/1</link><author>{author}</author></item></channel></rss>"
    )
    site.pages["/1"] = page(
        "<html><body><h1>새 도서관 문 열어</h1><p>오는 25일 새 도서관을 연다고 밝혔다. 책은 삼만 권이다.</p></body></html>"
    )
    puller = Puller(site, tmp_path, more=f'outlet = "{stated}"' if stated else "")
    assert puller.pull().new == 1
    (release,) = puller.releases().values()
    assert (release.outlet, release.department) == (outlet, department)


@pytest.mark.parametrize(
    ("link", "more", "name"),
    [
        ('<a href="/download.do?id=1">첨부파일 받기</a>', "attachment_pattern = 'download\\.do'", "표.csv"),
        (
            '<a href="/download.do?id=1"><img src="x.png"></a>',
            "attachment_pattern = 'download\\.do'",
            "표.csv",
        ),
        ('<a href="/data/2026.csv">표</a>', "", "2026.csv"),
        ('<a href="/get?id=1">2026.11.26. 현황표.csv (12KB)</a>', "", "2026.11.26. 현황표.csv"),
        ('<a href="/get?id=1">그림.eps</a>', 'attachment_suffixes = ["eps"]', "그림.eps"),
        ('<a href="/get?id=1">더 보기</a>', "", ""),
        ('<a href="javascript:down(1)">표.csv</a>', "", ""),
    ],
)
def test_any_link_may_lead_to_an_attachment(
    link: str, more: str, name: str, site: Site, tmp_path: Path
) -> None:
    (one,) = portal(1)
    publish(site, [replace(one, files=())])
    text = release_page(replace(one, files=())).replace("</article>", f"</article><p>{link}</p>")
    site.pages[one.path] = page(text)
    file = Page("구,명\n성산구,3\n".encode(), "application/octet-stream")
    site.pages["/data/2026.csv"] = site.pages["/get?id=1"] = file
    headers = {"Content-Disposition": 'attachment; filename="%ED%91%9C.csv"'}
    site.pages["/download.do?id=1"] = replace(file, headers=headers)
    puller = Puller(site, tmp_path, "list", more)
    report = puller.pull()
    assert (report.new, report.without) == (1, [])
    assert [path.rpartition("/")[2] for path in puller.files() if ".첨부/" in path] == [name] * bool(name)


def test_two_pulls_at_once_do_not_meet(site: Site, tmp_path: Path) -> None:
    publish(site, portal(1))
    puller = Puller(site, tmp_path)
    with Store(puller.folder).locked():
        report = puller.pull()
    assert (report.is_skipped, report.error, report.new) == (True, "", 0)
    assert site.paths() == []
    assert puller.pull().new == 1


def test_what_a_killed_pull_leaves_is_removed_and_never_read(site: Site, tmp_path: Path) -> None:
    publish(site, portal(2))
    puller = Puller(site, tmp_path)
    puller.pull()
    before = puller.files()
    year = next(puller.folder.glob("2026"))
    (puller.folder / ".bodo-pull-x1").mkdir()
    (puller.folder / ".bodo-pull-x1" / "release.html").write_text("<html>반쪽</html>", "utf-8")
    half = "2026-01-01-반쪽-0123456789ab"
    (year / f"{half}.첨부").mkdir()
    (year / f"{half}.첨부" / "비밀.txt").write_text("엠바고인 자료\n\n아직 보이면 안 되는 글이다.\n", "utf-8")
    (year / f"{half}.toml").write_text('title = "반쪽"\n', "utf-8")
    (year / "사람이 넣은 것.txt").write_text("사람이 넣은 제목\n\n사람이 넣은 글이라고 밝혔다.\n", "utf-8")
    files, _ = list_files(puller.corpus)
    assert not [file for file in files if "비밀" in file.source_path]
    puller.pull()
    left = puller.files()
    assert left.pop("시험시/2026/사람이 넣은 것.txt")
    assert left == before
    assert not [name for name in puller.hidden() if name.startswith(".bodo-pull-")]


def test_one_bad_item_costs_itself_only(site: Site, tmp_path: Path) -> None:
    releases = portal(3)
    publish(site, releases)
    site.pages[releases[1].path] = Page(b"PK\x03\x04 broken", "text/html")
    site.script[releases[2].path] = [Reset()] * 4
    puller = Puller(site, tmp_path)
    report = puller.pull()
    assert (report.new, len(report.refused), report.error) == (1, 2, "")


def pull_with_faults(folder: Path, kind: str, seed: int) -> dict[str, bytes]:
    """The corpus after pulls of a site with faults, until a pull has nothing more to do."""
    folder.mkdir()
    with Site() as site:
        publish(site, portal(4))
        if seed:
            site.faults = RandomFaults(seed, share=0.7, most=6)
        puller = Puller(site, folder, kind)
        for _ in range(40):
            report = puller.pull()
            if not (report.error or report.refused or report.waiting or report.without):
                break
            puller.later(days=8)
        assert not report.error, report
        for name, text in puller.files().items():
            assert text, name
        assert len(puller.releases()) == 4
        return {name: data.replace(str(site.port).encode(), b"PORT") for name, data in puller.files().items()}


@pytest.mark.parametrize("kind", ["rss", "list"])
def test_faults_change_nothing_in_the_end(kind: str, tmp_path: Path) -> None:
    def by_content(files: dict[str, bytes]) -> list[bytes]:
        return sorted(files.values())

    without = by_content(pull_with_faults(tmp_path / "0", kind, 0))
    for seed in range(1, 4):
        assert by_content(pull_with_faults(tmp_path / str(seed), kind, seed)) == without, seed
