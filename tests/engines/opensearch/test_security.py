"""Passwords stay where they are written; certificates are checked."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.bootstrap import open_engine, open_service
from indexer.errors import BodoError, IndexUnavailable
from indexer.search.request import SearchRequest
from indexer.settings import Settings, load_settings
from tests.conftest import ROOT, release_of
from tests.engines.opensearch.conftest import Command
from tests.support.engines import commit_releases
from tests.support.faulty_proxy import GARBAGE, Cut, FaultyProxy, Pass
from tests.support.opensearch_archive import Archive
from tests.support.servers import announced, free_port, serving, started

USER, PASSWORD = "검색기", "비밀!p@ss:w/o#r?d"


@pytest.fixture
def guarded(opensearch_url: str) -> Iterator[FaultyProxy]:
    """Lets only one user in."""
    with FaultyProxy(opensearch_url, login=(USER, PASSWORD)) as made:
        yield made


@pytest.fixture
def secure(opensearch_url: str) -> Iterator[FaultyProxy]:
    """Talks TLS, with a certificate that no one else signed."""
    with FaultyProxy(opensearch_url, tls=True) as made:
        yield made


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n", "utf-8")
    return path


def settings_of(archive: Archive, url: str, **others: str) -> Settings:
    return load_settings(archive.environment(url, **others), None)


def test_the_password_is_taken_from_a_variable_or_a_file(
    filled: Archive, guarded: FaultyProxy, password_file: Path
) -> None:
    for given in (
        {"BODO_OPENSEARCH_PASSWORD": PASSWORD},
        {"BODO_OPENSEARCH_PASSWORD_FILE": str(password_file)},
    ):
        settings = settings_of(filled, guarded.url, BODO_OPENSEARCH_USER=USER, **given)
        assert open_service(settings).search(SearchRequest(q="하노버")).total == 1
        with open_engine(settings).write() as writer:
            writer.put([release_of("새 소식", id="new")])
            writer.commit({})


@pytest.mark.parametrize(
    "given", [{}, {"BODO_OPENSEARCH_USER": USER, "BODO_OPENSEARCH_PASSWORD": "wrong-one"}]
)
def test_a_wrong_password_is_told_and_not_repeated(
    filled: Archive, guarded: FaultyProxy, command: Command, given: dict[str, str]
) -> None:
    for arguments in (["search", "하노버"], ["reindex"]):
        guarded.requests.clear()
        done = command(*arguments, url=guarded.url, **given)
        assert done.exit_code == 1
        assert "비밀번호가 맞지 않습니다" in done.stderr
        assert "BODO_OPENSEARCH_PASSWORD" in done.stderr
        assert "wrong-one" not in done.output
        # Whoever asks again and again is locked out somewhere.
        assert len(guarded.requests) == 1


def test_no_record_and_no_message_has_the_password(
    filled: Archive, guarded: FaultyProxy, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    settings = settings_of(
        filled, guarded.url, BODO_OPENSEARCH_USER=USER, BODO_OPENSEARCH_PASSWORD=PASSWORD,
        BODO_OPENSEARCH_TIMEOUT_S="2",
    )  # fmt: skip
    loggers = [
        logging.getLogger(name)
        for name in ("", "opensearch", "opensearchpy", "opensearchpy.trace", "urllib3")
    ]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    caplog.handler.setLevel(logging.DEBUG)
    try:
        service, engine = open_service(settings), open_engine(settings)
        service.search(SearchRequest(q="하노버"))
        commit_releases(engine, [release_of("새 소식", id="new")])
        for behaviour in (Cut("before"), GARBAGE):
            guarded.behaviour = behaviour
            with pytest.raises(IndexUnavailable) as told:
                service.search(SearchRequest(q="두루미"))
            shown += [str(told.value), repr(told.value), repr(told.value.__cause__)]
        guarded.behaviour = Pass()
        wrong = settings_of(
            filled, guarded.url, BODO_OPENSEARCH_USER=USER, BODO_OPENSEARCH_PASSWORD=f"{PASSWORD}x"
        )
        with pytest.raises(IndexUnavailable, match="비밀번호") as told:
            open_engine(wrong).open()
        shown += [str(told.value), repr(told.value.__cause__)]
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
    assert caplog.records
    shown += [record.getMessage() + str(vars(record)) for record in caplog.records]
    shown += [caplog.text, repr(settings), repr(open_engine(settings)), str(settings)]
    shown += [repr(open_engine(settings)._store.cluster._connection)]  # type: ignore[attr-defined]
    for text in shown:
        for secret in (
            PASSWORD,
            guarded._server.authorization or "",
            (guarded._server.authorization or "")[6:],
        ):
            assert secret
            assert secret not in text


def command_lines() -> Iterator[str]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield (folder / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="has no /proc")
def test_no_command_line_has_the_password(
    filled: Archive, guarded: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = filled.environment(
        guarded.url, BODO_OPENSEARCH_USER=USER, BODO_OPENSEARCH_PASSWORD=PASSWORD, PYTHONPATH=str(ROOT)
    )
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    port = free_port()
    with started(serving(filled.folder, port, workers=2)) as server:
        said = announced(server)
        assert f":{port}" in said, said
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/api/v1/search?q=%ED%95%98%EB%85%B8%EB%B2%84"
        ) as got:
            assert got.status == 200
        lines = list(command_lines())
    assert sum(f"--port={port}" in line for line in lines) >= 1
    assert not [line for line in lines if PASSWORD in line]


@pytest.mark.parametrize("url", ["http://reader:sesame@127.0.0.1:9200", "http://sesame@127.0.0.1:9200"])
def test_a_password_in_the_address_is_refused_and_not_repeated(
    archive: Archive, command: Command, url: str
) -> None:
    for given in (url, f"http://127.0.0.1:9200,{url}"):
        done = command("search", "하노버", url=given)
        assert done.exit_code == 1
        assert "BODO_OPENSEARCH_USER" in done.stderr
        assert "sesame" not in done.output
        assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "url", ["127.0.0.1:9200", "ftp://127.0.0.1", "http://", "http://[::1", "http://a:b:c", ","]
)
def test_what_is_no_address_is_told(archive: Archive, command: Command, url: str) -> None:
    done = command("search", "하노버", url=url)
    assert done.exit_code == 1
    assert "BODO_OPENSEARCH_URL" in done.stderr
    assert "https://search.example.org:9200" in done.stderr
    assert "Traceback" not in done.output


def test_a_password_file_that_cannot_be_read_is_told(
    archive: Archive, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    for name in ("none", "latin", "."):
        path = tmp_path / name
        done = command("search", "하노버", BODO_OPENSEARCH_PASSWORD_FILE=str(path))
        assert done.exit_code == 1
        assert str(path) in done.stderr
        assert "BODO_OPENSEARCH_PASSWORD_FILE" in done.stderr
        assert "Traceback" not in done.output


def test_a_certificate_is_checked(
    filled: Archive, secure: FaultyProxy, command: Command, tmp_path: Path
) -> None:
    done = command("search", "하노버", url=secure.url)
    assert done.exit_code == 1
    assert "인증서를 믿을 수 없습니다" in done.stderr
    assert "BODO_OPENSEARCH_CA_FILE" in done.stderr
    assert not secure.requests
    done = command("search", "하노버", url=secure.url, BODO_OPENSEARCH_CA_FILE=str(secure.certificate))
    assert done.exit_code == 0, done.output
    assert "r0" in done.stdout


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_wrong_certificate_file_is_told(
    filled: Archive, secure: FaultyProxy, command: Command, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content, "utf-8")
    done = command("search", "하노버", url=secure.url, BODO_OPENSEARCH_CA_FILE=str(path))
    assert done.exit_code == 1
    assert "BODO_OPENSEARCH_CA_FILE" in done.stderr
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)


def test_another_protocol_is_told(
    filled: Archive, secure: FaultyProxy, proxy: FaultyProxy, command: Command
) -> None:
    done = command("search", "하노버", url=proxy.url.replace("http:", "https:"))
    assert done.exit_code == 1
    assert "http://로 시작하게" in done.stderr
    done = command("search", "하노버", url=secure.url.replace("https:", "http:"))
    assert done.exit_code == 1
    assert "BODO_OPENSEARCH_URL" in done.stderr


def test_settings_alone_connect_to_nothing(archive: Archive) -> None:
    settings = settings_of(archive, "http://127.0.0.1:1")
    open_engine(settings)
    with pytest.raises(BodoError):
        open_engine(settings).open()
