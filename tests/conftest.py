"""Shared pieces: the corpus of the repository, an index of it, and a maker of small releases."""

from __future__ import annotations

import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from indexer.analysis import Analyzer
from indexer.bootstrap import open_service
from indexer.engines.whoosh import WhooshEngine
from indexer.indexing.reindex import reindex
from indexer.release import SEOUL, PressRelease, Section, identify, paragraphs_of
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.support.coverage import end_shared_worker, let_workers_end_by_themselves
from tests.support.opensearch_archive import Archive

OPENSEARCH_URL = "BODO_TEST_OPENSEARCH_URL"
NO_OPENSEARCH = f"{OPENSEARCH_URL}가 없습니다: make opensearch"
ROOT = Path(__file__).parent.parent
FIRST_RELEASE = ROOT / "corpus" / "2023-04-25-창원특례시장-독일-출장.txt"

# A limit of time for each example fails on a busy machine, and says nothing of the code.
settings.register_profile("bodo", deadline=None)
settings.load_profile("bodo")


@pytest.fixture(scope="session", autouse=True)
def _coverage_of_workers() -> Iterator[None]:
    if "COVERAGE_PROCESS_CONFIG" not in os.environ:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        let_workers_end_by_themselves(patch)
        yield
        end_shared_worker()


@pytest.fixture(scope="session")
def opensearch_url() -> str:
    """The address of the OpenSearch for tests. Where it is given and nothing answers, tests fail."""
    url = os.environ.get(OPENSEARCH_URL)
    if not url:
        pytest.skip(NO_OPENSEARCH)
    try:
        urllib.request.urlopen(url, timeout=30).close()  # noqa: S310
    except (OSError, ValueError) as error:
        pytest.fail(f"{OPENSEARCH_URL}={url}: {error}")
    return url


@pytest.fixture
def archive(opensearch_url: str, tmp_path: Path, analyzer: Analyzer) -> Iterator[Archive]:
    """A new archive in the OpenSearch for tests."""
    with Archive(opensearch_url, tmp_path / "index", analyzer) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", ())
        if NO_OPENSEARCH in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(
            f"OpenSearch tests: {len(skipped)} skipped, {OPENSEARCH_URL} is not set (make opensearch)"
        )


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="session")
def first_index(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Path:
    """An index of the repository's corpus; not to be written."""
    folder = tmp_path_factory.mktemp("first") / "index"
    reindex(WhooshEngine(folder, analyzer), ROOT / "corpus")
    return folder


@pytest.fixture(scope="session")
def first_service(first_index: Path) -> SearchService:
    return open_service(Settings(index=first_index))


def release_of(
    title: str, body: str = "", *, published: str = "2024-01-01T09:00", **values: object
) -> PressRelease:
    """A release of few words; `published` is local time in Seoul, '' for none."""
    moment = datetime.fromisoformat(published).replace(tzinfo=SEOUL) if published else None
    record = PressRelease(
        id=str(values.pop("id", "")),
        title=title,
        published_at=moment,
        sections=(Section("", paragraphs_of(body)),) if body else (),
        **values,  # type: ignore[arg-type]
    )
    return identify(record)


class Clock:
    """A clock that stands until it is set; `at` is in seconds since 1970."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(time.time())


@pytest.fixture
def service_of(tmp_path: Path, analyzer: Analyzer) -> Callable[..., SearchService]:
    """Make a service over an index of the releases given."""

    def make(*releases: PressRelease) -> SearchService:
        engine = WhooshEngine(tmp_path / "index", analyzer)
        with engine.write() as writer:
            writer.put(releases)
            writer.commit({})
        return SearchService(engine, analyzer)

    return make
