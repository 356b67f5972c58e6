"""What people write into the sidecar of a pulled release stays, and is no correction."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.pulling.hand_edits import digest_of, keep_hand_edits
from indexer.pulling.sidecar_text import quoted, sidecar_text
from indexer.pulling.state import STATE_FILE
from indexer.sources.corpus.sidecar import read_sidecar
from tests.support.korea_kr import answer, news_item, puller_of
from tests.support.korea_kr import publish as publish_api
from tests.support.pulls import Puller, page, portal
from tests.support.site_pages import PortalRelease, publish, release_page
from tests.support.sites import Site

EMBARGO = datetime(2027, 1, 1, tzinfo=UTC)


def edit(puller: Puller, *, title: str = "") -> Path:
    """Write an embargo, and a title, into the only sidecar."""
    (path,) = (path for path in puller.folder.rglob("*.toml") if not path.name.startswith("."))
    text = path.read_text("utf-8")
    if title:
        text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("title"))
        text += f'title = "{title}"\n'
    path.write_text(text + "embargo = 2027-01-01T00:00:00Z\n", "utf-8")
    return path


@pytest.mark.parametrize("kind", ["rss", "atom", "list", "sitemap"])
@pytest.mark.parametrize("has_state", [True, False])
def test_an_edited_sidecar_is_no_correction(kind: str, has_state: bool, site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    puller = Puller(site, tmp_path, kind)
    puller.pull()
    edit(puller, title="사람이 고친 제목")
    before = puller.files()
    if not has_state:
        (puller.folder / STATE_FILE).unlink()
    # Its bytes differ, what it says does not.
    site.pages[one.path] = page(release_page(one).replace("<nav>", "<!-- 33 --><nav>"))
    for _ in range(3):
        puller.later(hours=2)
        report = puller.pull()
        assert (report.changed, report.refused, report.error) == (0, [], "")
        assert puller.files() == before
    (release,) = puller.releases().values()
    assert (release.title, release.embargo_until) == ("사람이 고친 제목", EMBARGO)


@pytest.mark.parametrize("has_state", [True, False])
def test_a_correction_keeps_what_pull_does_not_write(has_state: bool, site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    puller = Puller(site, tmp_path)
    puller.pull()
    path = edit(puller)
    path.write_text(path.read_text("utf-8") + '담당부서 = "관광과"\n', "utf-8")
    if not has_state:
        (puller.folder / STATE_FILE).unlink()
    for text in (
        "사업비를 99억 원으로 바로잡는다고 밝혔다.",
        "사업비를 98억 원으로 다시 바로잡는다고 밝혔다.",
    ):
        publish(site, [replace(one, title=f"{one.title} (정정)", paragraphs=(text,))])
        puller.later(hours=30)
        assert puller.pull().changed == 1
        (release,) = puller.releases().values()
        assert (release.title, release.embargo_until) == (f"{one.title} (정정)", EMBARGO)
        assert text in release.body
        assert release.department == "관광과"


def test_a_new_attachment_keeps_the_edits(site: Site, tmp_path: Path) -> None:
    first, second = portal(2)
    publish(site, [replace(first, files=())])
    puller = Puller(site, tmp_path, "list")
    puller.pull()
    edit(puller, title="사람이 고친 제목")
    publish(site, [replace(first, files=second.files)])
    puller.later(hours=2)
    assert puller.pull().changed == 1
    (release,) = puller.releases().values()
    assert (release.title, release.embargo_until) == ("사람이 고친 제목", EMBARGO)
    assert len(release.attachments) == 1


@pytest.mark.parametrize("title", ["산불 예방 기간 한 달 늘려", "산불 예방 기간 두 달 늘려"])
def test_a_sidecar_of_ones_own_stays(title: str, site: Site, tmp_path: Path) -> None:
    puller = puller_of(site, tmp_path)
    publish_api(site, puller, answer(news_item()))
    puller.pull()
    (record,) = puller.folder.rglob("*.xml")
    sidecar = record.with_suffix(".toml")
    sidecar.write_text("# 사람이 적음\nembargo = 2027-01-01T00:00:00Z\n", "utf-8")
    before = sidecar.read_bytes()
    publish_api(site, puller, answer(news_item(title=title).replace("09:10:00", "15:20:00")))
    assert puller.pull().error == ""
    assert sidecar.read_bytes() == before
    (release,) = puller.releases().values()
    assert release.embargo_until == EMBARGO


def test_a_sidecar_that_cannot_be_read_keeps_a_correction_out(site: Site, tmp_path: Path) -> None:
    """An embargo may stand in it."""
    (one,) = portal(1)
    publish(site, [one])
    puller = Puller(site, tmp_path, "list")
    puller.pull()
    path = edit(puller)
    path.write_text(path.read_text("utf-8") + 'title = "따옴표가 없음\n', "utf-8")
    before = puller.files()
    site.pages[one.path] = page(release_page(replace(one, paragraphs=("사업비는 99억 원이라고 밝혔다.",))))
    puller.later(hours=2)
    (trouble,) = puller.pull().refused
    assert "TOML" in trouble.reason
    assert puller.files() == before


def moving(site: Site, one: PortalRelease, moment: str) -> None:
    text = site.pages["/rss.xml"].body.decode()
    start, end = text.index("<pubDate>"), text.index("</pubDate>")
    site.pages["/rss.xml"] = page(f"{text[:start]}<pubDate>{moment}{text[end:]}", "application/rss+xml")


@pytest.mark.parametrize("more", ["", "follow = false"])
def test_a_time_of_the_request_is_no_correction(more: str, site: Site, tmp_path: Path) -> None:
    (one,) = portal(1)
    publish(site, [one])
    puller = Puller(site, tmp_path, "rss", more)
    moving(site, one, "Thu, 26 Nov 2026 09:00:00 +0900")
    puller.pull()
    before = puller.files()
    for minute in range(1, 4):
        moving(site, one, f"Thu, 26 Nov 2026 09:0{minute}:00 +0900")
        report = puller.pull()
        assert (report.changed, report.error, puller.files()) == (0, "", before)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@given(values=st.dictionaries(st.text("abcxyz-가나", min_size=1, max_size=5), VALUES, max_size=4))
def test_any_value_is_kept(values: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("sidecars")
    stored, staged = folder / "1.toml", folder / "2.toml"
    # JSON of texts and lists is TOML.
    lines = (
        f"{quoted(name)} = {json.dumps(value, ensure_ascii=False)}\n".replace("\x7f", "\\u007f")
        for name, value in values.items()
    )
    stored.write_text("".join(lines), "utf-8", newline="")
    staged.write_text(sidecar_text({"id": "1"}), "utf-8")
    keep_hand_edits(staged, stored, "")
    assert read_sidecar(staged) == {"id": "1"} | values


def test_what_nobody_edited_is_written_anew(tmp_path: Path) -> None:
    stored, staged = tmp_path / "1.toml", tmp_path / "2.toml"
    stored.write_text(sidecar_text({"id": "1", "title": "옛 제목"}), "utf-8")
    staged.write_text(sidecar_text({"id": "1"}), "utf-8")
    keep_hand_edits(staged, stored, digest_of(stored))
    assert read_sidecar(staged) == {"id": "1"}
