"""What a portal has at its addresses: releases with attachments, and the feeds and lists that name them."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from indexer.release import SEOUL
from tests.support.site_answers import Page
from tests.support.sites import Site


@dataclass(frozen=True, slots=True)
class PortalFile:
    """An attachment of a release; its name as people see it."""

    name: str
    body: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class PortalRelease:
    """A release on a portal."""

    number: int
    title: str
    paragraphs: tuple[str, ...]
    issued_at: datetime
    department: str = "공보담당관"
    files: tuple[PortalFile, ...] = ()

    @property
    def path(self) -> str:
        return f"/news/view.do?newsId={self.number}"

    def file_path(self, place: int) -> str:
        return f"/common/download.do?fileId={self.number}{place:02d}"


def some_releases(count: int, *, files: int = 1) -> list[PortalRelease]:
    """`count` releases of different days, the newest first, each with so many attachments."""
    return [
        PortalRelease(
            number=1_000 + number,
            title=f"창원특례시, {number}번째 산업 단지 조성 계획 발표",
            paragraphs=(
                f"창원특례시는 {number}번째 산업 단지를 조성한다고 밝혔다. 사업비는 {number + 10}억 원이다.",
                "시는 올해 안에 설계를 마치고 내년 상반기에 공사를 시작할 계획이라고 설명했다.",
            ),
            issued_at=datetime(2026, 1 + number % 12, 1 + number % 28, 10, tzinfo=SEOUL),
            files=tuple(
                PortalFile(
                    f"붙임{place} 조성 계획 {number}.txt",
                    f"조성 계획 {number}-{place}\n\n면적 {number} ha\n".encode(),
                )
                for place in range(1, files + 1)
            ),
        )
        for number in range(count, 0, -1)
    ]


def publish(site: Site, releases: Sequence[PortalRelease]) -> None:
    """Give `site` the pages and files of the releases, and all that names them: /rss.xml, /atom.xml,
    /sitemap.xml, /sitemap.xml.gz, /sitemap-index.xml and /news/list.do.
    """
    for release in releases:
        site.pages[release.path] = Page(release_page(release).encode())
        for place, file in enumerate(release.files):
            # As portals of the government send it: percent-encoded, in the plain parameter.
            disposition = f'attachment; filename="{quote(file.name)}"'
            headers = {"Content-Disposition": disposition}
            site.pages[release.file_path(place)] = Page(file.body, file.media_type, headers)
    site.pages["/rss.xml"] = Page(rss(site.url, releases).encode(), "application/rss+xml; charset=utf-8")
    site.pages["/atom.xml"] = Page(atom(site.url, releases).encode(), "application/atom+xml")
    addresses = sitemap(site.url, releases).encode()
    site.pages["/sitemap.xml"] = Page(addresses, "application/xml")
    site.pages["/sitemap.xml.gz"] = Page(gzip.compress(addresses, mtime=0), "application/gzip")
    index = f'<sitemapindex xmlns="{_SITEMAP}"><sitemap><loc>{site.url}/sitemap.xml</loc></sitemap></sitemapindex>'
    site.pages["/sitemap-index.xml"] = Page(index.encode(), "application/xml")
    site.pages["/news/list.do"] = Page(list_page(releases).encode())


_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def release_page(release: PortalRelease) -> str:
    """The page of one release, in HTML."""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in release.paragraphs)
    files = "".join(
        f'<li><a href="{escape(release.file_path(place))}">{escape(file.name)}</a></li>'
        for place, file in enumerate(release.files)
    )
    return (
        f'<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>{escape(release.title)} - 시험시</title>'
        f'<meta property="og:title" content="{escape(release.title)}">'
        f'<meta property="article:published_time" content="{release.issued_at.isoformat()}"></head><body>'
        f'<nav><a href="/">처음</a> <a href="/news/list.do">보도자료</a></nav>'
        f"<article><h1>{escape(release.title)}</h1><p>담당부서: {release.department}</p>{paragraphs}</article>"
        f'<div class="attach"><ul>{files}</ul></div></body></html>'
    )


def list_page(releases: Sequence[PortalRelease]) -> str:
    """A list with links, among links that are none of releases."""
    rows = "".join(
        f'<tr><td>{one.number}</td><td><a href="{escape(one.path)}">{escape(one.title)}</a></td>'
        f"<td>{one.issued_at:%Y-%m-%d}</td></tr>"
        for one in releases
    )
    return (
        '<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>보도자료 목록</title></head><body>'
        '<nav><a href="/">처음</a> <a href="javascript:void(0)">메뉴</a> <a href="mailto:a@b.example">전자우편</a></nav>'
        f'<table>{rows}</table><a href="/news/list.do?page=2">다음</a></body></html>'
    )


def rss(url: str, releases: Sequence[PortalRelease]) -> str:
    """RSS 2.0."""
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{escape(url + one.path)}</link>"
        f'<guid isPermaLink="false">{one.number}</guid><pubDate>{format_datetime(one.issued_at)}</pubDate>'
        f"<description>{escape(one.paragraphs[0])}</description></item>"
        for one in releases
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>시험시 보도자료</title>'
        f"<link>{url}</link><description>보도자료</description>{items}</channel></rss>"
    )


def atom(url: str, releases: Sequence[PortalRelease]) -> str:
    """Atom 1.0."""
    entries = "".join(
        f'<entry><id>{escape(url + one.path)}</id><title>{escape(one.title)}</title><link href="{escape(url + one.path)}"/>'
        f"<updated>{one.issued_at.isoformat()}</updated><published>{one.issued_at.isoformat()}</published>"
        f"<summary>{escape(one.paragraphs[0])}</summary></entry>"
        for one in releases
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>시험시 보도자료</title>'
        f"<id>{url}/</id><updated>2026-12-31T00:00:00+09:00</updated>{entries}</feed>"
    )


def sitemap(url: str, releases: Sequence[PortalRelease]) -> str:
    """A sitemap of the protocol of sitemaps.org."""
    addresses = "".join(
        f"<url><loc>{escape(url + one.path)}</loc><lastmod>{one.issued_at:%Y-%m-%d}</lastmod></url>"
        for one in releases
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{_SITEMAP}">{addresses}</urlset>'
