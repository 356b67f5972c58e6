"""Pulls of a site into a corpus, on a clock that tests move."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from indexer.pulling.fetcher import Fetcher
from indexer.pulling.pull import PullReport, pull
from indexer.pulling.source import Source, parse_sources
from indexer.release import PressRelease
from indexer.sources.corpus.reading import read_file
from indexer.sources.corpus.walk import list_files
from indexer.sources.problems import ReadProblem
from tests.support.documents import hwpx, paragraph
from tests.support.site_answers import Page
from tests.support.site_pages import PortalFile, PortalRelease, some_releases
from tests.support.sites import Site
from tests.support.times import FakeTime

KINDS = {
    "rss": ("feed", "/rss.xml", ""),
    "atom": ("feed", "/atom.xml", ""),
    "sitemap": ("sitemap", "/sitemap.xml", ""),
    "packed sitemap": ("sitemap", "/sitemap.xml.gz", ""),
    "index of sitemaps": ("sitemap", "/sitemap-index.xml", ""),
    "list": ("list", "/news/list.do", 'links = "table a"'),
}


def with_documents(releases: list[PortalRelease]) -> list[PortalRelease]:
    """The releases, each with an HWPX whose text says which it is."""
    return [
        replace(
            one,
            files=(
                PortalFile(f"붙임 계획 {one.number}.hwpx", hwpx(paragraph(f"붙임{one.number}호의 글이다."))),
            ),
        )
        for one in releases
    ]


@cache
def portal(count: int) -> list[PortalRelease]:
    """`count` releases with a document each, the newest first."""
    return with_documents(some_releases(count))


class Puller:
    """A source of a site, pulled into `corpus`. The clock moves only by `later` and by what sleeps."""

    def __init__(
        self, site: Site, folder: Path, kind: str = "rss", more: str = "", name: str = "시험시"
    ) -> None:
        self.site = site
        self.corpus = folder / "corpus"
        self.corpus.mkdir(exist_ok=True)
        self.time = FakeTime()
        self.environment: dict[str, str] = {}
        declared, path, rule = KINDS.get(kind, (kind, "", ""))
        text = (
            f'[[source]]\nname = "{name}"\nkind = "{declared}"\nurl = "{site.url}{path}"\n'
            f"allow_private = true\ndelay_s = 0\n{rule}\n{more}\n"
        )
        (self.source,), problems = parse_sources(text)
        assert not problems
        self.fetcher = Fetcher(surroundings=self.time.surroundings())

    @property
    def folder(self) -> Path:
        return self.corpus / self.source.name

    def now(self) -> datetime:
        return self.time.now()

    def later(self, **spans: float) -> None:
        self.time.sleep(timedelta(**spans).total_seconds())

    def pull(self, source: Source | None = None) -> PullReport:
        """One pull, as a process of its own would do it."""
        self.fetcher = Fetcher(surroundings=self.time.surroundings())
        return pull(
            source or self.source, self.corpus, self.fetcher, now=self.now, environment=self.environment
        )

    def releases(self) -> dict[str, PressRelease]:
        """What bodo reads of the corpus, by id. Nothing may be refused."""
        found: dict[str, PressRelease] = {}
        files, problems = list_files(self.corpus)
        items = [*problems, *(item for file in files for item in read_file(file))]
        for item in items:
            assert not (isinstance(item, ReadProblem) and item.severity == "error"), item
            if isinstance(item, PressRelease):
                assert item.id not in found, item.source_path
                found[item.id] = item
        return found

    def files(self) -> dict[str, bytes]:
        """The bytes of what is not hidden, by path."""
        paths = (path for path in self.corpus.rglob("*") if path.is_file())
        return {
            path.relative_to(self.corpus).as_posix(): path.read_bytes()
            for path in paths
            if not path.name.startswith(".")
        }

    def hidden(self) -> set[str]:
        return {path.name for path in self.corpus.rglob(".*")}

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Inode and time of change of every file, hidden ones too: they tell whether anything was written."""
        return {
            path.relative_to(self.corpus).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in self.corpus.rglob("*")
            if path.is_file()
        }


def page(text: str, media_type: str = "text/html; charset=utf-8") -> Page:
    return Page(text.encode(), media_type)
