from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from indexer.cli.main import main
from indexer.engines.opensearch import OpenSearchEngine
from indexer.release import PressRelease
from indexer.search.service import SearchService
from tests.conftest import release_of
from tests.support.engines import commit_releases
from tests.support.faulty_proxy import Answer, FaultyProxy, Request
from tests.support.opensearch_archive import Archive
from web.app import create_app

TITLES = ("하노버 산업박람회", "시내버스 노선 개편", "주남저수지 두루미")


@pytest.fixture
def proxy(opensearch_url: str) -> Iterator[FaultyProxy]:
    """Between the engine and the server."""
    with FaultyProxy(opensearch_url) as made:
        yield made


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """An archive of a few releases."""
    releases = [
        release_of(title, f"{title} 소식이다.", id=f"r{number}") for number, title in enumerate(TITLES)
    ]
    commit_releases(archive.engine(), releases)
    return archive


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for title in TITLES:
        (folder / f"{title}.txt").write_text(f"{title}\n\n{title} 소식을 알린다.\n", "utf-8")
    return folder


Pages = Callable[[OpenSearchEngine], FlaskClient]


@pytest.fixture
def pages(archive: Archive) -> Pages:
    """The pages over an engine."""
    return lambda engine: create_app(SearchService(engine, archive.analyzer)).test_client()


Command = Callable[..., Result]


@pytest.fixture
def command(archive: Archive, corpus: Path) -> Command:
    """Run a command on the archive; `environment` are further variables."""

    def run(*arguments: str, url: str = "", **environment: str) -> Result:
        variables = archive.environment(url, BODO_CORPUS=str(corpus), **environment)
        return CliRunner().invoke(main, arguments, env=variables)

    return run


def answer(status: int, kind: str, reason: str) -> Answer:
    """An error as OpenSearch answers it."""
    error = {"type": kind, "reason": reason}
    return Answer(status, json.dumps({"error": {"root_cause": [error], **error}, "status": status}).encode())


def write(engine: OpenSearchEngine, releases: Sequence[PressRelease], *, fresh: bool = False) -> None:
    with engine.write(fresh=fresh) as writer:
        writer.put(releases)
        writer.commit({"a.txt": "1"})


def titles(archive: Archive) -> dict[str, str]:
    """The title of every release, by id, also of those under embargo."""
    snapshot = archive.engine().open(embargoed=True)
    try:
        refs = [version.ref for version in snapshot.versions()]
        releases = snapshot.fetch(refs)
        assert len(releases) == snapshot.info.documents == snapshot.state.documents
        return {release.id: release.title for release in releases}
    finally:
        snapshot.close()


def is_bulk(request: Request) -> bool:
    return request.path.startswith("/_bulk")
