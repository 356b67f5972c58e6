"""`bodo serve`: a really started server, raw bytes on its socket, and its ends good and bad."""

from __future__ import annotations

import importlib
import json
import os
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from indexer.cli.main import BodoGroup
from indexer.errors import BodoError
from indexer.search.service import MAX_SEARCHES
from indexer.settings import DEFAULTS, Settings, load_settings
from tests.support.servers import PATIENCE_SECONDS, announced, free_port, serving, started
from web.serve import _load_app, run_server, serve

ROOT = Path(__file__).parents[2]


def fetch(port: int, target: bytes) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b""
        while block := client.recv(65536):
            received += block
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


@pytest.fixture(scope="module")
def port(first_index: Path) -> Iterator[int]:
    port = free_port()
    with started(serving(first_index, port)) as server:
        assert announced(server) == f"http://127.0.0.1:{port} 에서 검색할 수 있습니다 (멈추려면 Ctrl-C)"
        yield port


@pytest.mark.parametrize(
    "query", ["하노버".encode(), b"%ED%95%98%EB%85%B8%EB%B2%84", "하%EB%85%B8버".encode()]
)
def test_korean_is_read_raw_and_encoded(port: int, query: bytes) -> None:
    status, body = fetch(port, b"/api/v1/search?q=" + query)
    answer = json.loads(body)
    assert status == 200
    assert answer["query"]["raw"] == "하노버"
    assert answer["total"] == 1
    status, body = fetch(port, b"/search?q=" + query)
    assert status == 200
    assert "<mark>하노버</mark>" in body.decode()


@pytest.mark.parametrize("query", [b"%ff", b"%C7%CF", b"%00", b"\xff", b"\xc7\xcf"])
def test_broken_bytes_are_a_bad_request(port: int, query: bytes) -> None:
    for path in (b"/api/v1/search?q=", b"/search?q="):
        assert fetch(port, path + query)[0] == 400


@pytest.mark.parametrize(
    "path", [b"/%ff", b"/releases/%ff", "/releases/없음".encode(), b"/releases/%00", b"//x"]
)
def test_any_path_is_found_or_not(port: int, path: bytes) -> None:
    assert fetch(port, path)[0] == 404


@pytest.mark.parametrize(
    ("sent", "send"),
    [(signal.SIGTERM, os.kill), (signal.SIGINT, os.kill), (signal.SIGINT, os.killpg)],
    ids=["terminated", "interrupted", "Ctrl-C"],
)
def test_a_signal_stops_it_with_success(
    first_index: Path, sent: signal.Signals, send: Callable[[int, signal.Signals], None]
) -> None:
    port = free_port()
    with started(serving(first_index, port, workers=2)) as server:
        announced(server)
        send(server.pid, sent)
        assert server.wait(PATIENCE_SECONDS) == 0
        with pytest.raises(ConnectionRefusedError):
            fetch(port, b"/healthz")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find the worker")
def test_a_dead_worker_is_replaced(first_index: Path) -> None:
    port = free_port()
    with started(serving(first_index, port)) as server:
        announced(server)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        first = children.read_text().split()
        os.kill(int(first[-1]), signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                status, _ = fetch(port, b"/healthz")
            except (OSError, IndexError):
                time.sleep(0.1)
            else:
                break
        assert status == 200
        assert children.read_text().split()[-1] != first[-1]


def test_what_does_not_search_answers_while_searches_wait(first_index: Path, tmp_path: Path) -> None:
    port, gate = free_port(), tmp_path / "gate"
    command = [sys.executable, "-m", "tests.web.blocked_server", str(port), str(first_index), str(gate)]
    with started(command) as server, ExitStack() as stack:
        announced(server)
        count = 30
        selector = stack.enter_context(selectors.DefaultSelector())
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS))
            for _ in range(count)
        ]
        for client in clients:
            client.sendall(b"GET /search?q=x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            selector.register(client, selectors.EVENT_READ)
        refused = 0
        while refused < count - MAX_SEARCHES:
            answered = selector.select(PATIENCE_SECONDS)
            assert answered
            for key, _ in answered:
                selector.unregister(key.fileobj)
                refused += 1
        assert fetch(port, b"/healthz")[0] == 200
        assert fetch(port, b"/static/bodo.css")[0] == 200
        assert fetch(port, b"/")[0] == 200
        status, body = fetch(port, b"/search?q=x")
        assert status == 503
        assert "잠시 뒤" in body.decode()
        gate.touch()
        heads = [client.makefile("rb").readline() for client in clients]
        assert sum(b" 200 " in head for head in heads) == MAX_SEARCHES
        assert sum(b" 503 " in head for head in heads) == count - MAX_SEARCHES


def test_idle_connections_do_not_take_all_files(first_index: Path) -> None:
    # Granian raises the soft limit to the hard one when it is imported; docs/operations.md counts on it.
    port, idle, few = free_port(), 150, 100
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 4 * idle:
        pytest.skip("the system allows too few open files")
    command = serving(first_index, port)
    with (
        started(["/bin/sh", "-c", f'ulimit -Sn {few}; exec "$@"', "sh", *command]) as server,
        ExitStack() as stack,
    ):
        announced(server)
        for _ in range(idle):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS))
        assert fetch(port, b"/healthz")[0] == 200


def test_http_2_without_tls_is_not_spoken(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        assert client.recv(100)[:5] in (b"", b"HTTP/")


def test_make_run_leaves_the_port_to_the_settings(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    assert load_settings({}, tmp_path).port == 8000
    assert load_settings({"PORT": "9000"}, tmp_path).port == 9000
    for environment in ({}, {"PORT": "9000"}):
        made = subprocess.run(
            ["make", "-n", "run"],
            cwd=root, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "bodo serve --watch\n" in made.stdout


def load_nothing() -> Flask:
    raise AssertionError("no worker starts")


def test_a_taken_port_is_told(port: int) -> None:
    with pytest.raises(BodoError, match=f"포트 {port}.*다른 프로그램") as raised:
        run_server(load_nothing, "127.0.0.1", port, 1)
    assert "--port" in raised.value.hint


@pytest.mark.parametrize("host", ["없는 주소", "203.0.113.1"])
def test_an_address_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(BodoError, match=host):
        run_server(load_nothing, host, free_port(), 1)


def test_a_missing_index_stops_it_before_it_starts(tmp_path: Path) -> None:
    missing = tmp_path / "없는색인"
    bodo = BodoGroup(commands={"serve": serve})
    result = CliRunner().invoke(bodo, ["serve", "--index", str(missing), "--port", str(free_port())])
    assert result.exit_code == 1
    assert "없는색인" in result.output
    assert "bodo reindex" in result.output


def test_the_deadline_reaches_the_workers(first_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.app.put_aside_soon", lambda: None)
    monkeypatch.setattr("web.serve.run_server", lambda *_, **__: None)
    for name in DEFAULTS.to_environment():
        monkeypatch.setenv(name, "")  # put back afterwards
    for deadline_s, timed_out in (("1e-9", True), ("1000", False)):
        arguments = ["--index", str(first_index), "--deadline-s", deadline_s]
        assert CliRunner(env={}).invoke(serve, [*arguments, "--analyzer", "mecab"]).exit_code == 0
        client = importlib.import_module("web.wsgi").app.test_client()
        del sys.modules["web.wsgi"]
        answer = client.get("/api/v1/search?q=a b c d e f g h 하노버 창원").get_json()
        assert answer["timed_out"] == timed_out


def test_another_wsgi_server_reads_the_settings_of_its_folder(
    first_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.app.put_aside_soon", lambda: None)
    monkeypatch.chdir(tmp_path)
    for name in DEFAULTS.to_environment():
        monkeypatch.delenv(name, raising=False)
    Path("bodo.toml").write_text(f"index = '{first_index}'\ndeadline_s = 1e-9\n", "utf-8")
    client = importlib.import_module("web.wsgi").app.test_client()
    del sys.modules["web.wsgi"]
    assert client.get("/api/v1/search?q=a b c d e f g h 하노버 창원").get_json()["timed_out"]
    Path("bodo.toml").write_text("deadline_s = 0\n", "utf-8")
    with pytest.raises(BodoError, match="deadline_s"):
        importlib.import_module("web.wsgi")


def test_help_is_korean() -> None:
    result = CliRunner().invoke(serve, ["--help"])
    assert result.exit_code == 0
    for name in (
        "--index",
        "--host",
        "--port",
        "--workers",
        "BODO_INDEX",
        "PORT",
        "BODO_WORKERS",
        "BODO_DEADLINE_S",
    ):
        assert name in result.output
    assert "색인 폴더" in result.output


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "70000"], ["--workers", "0"], ["--deadline-s", "0"], ["extra"]]
)
def test_a_bad_option_is_a_usage_error(arguments: list[str]) -> None:
    assert CliRunner().invoke(serve, arguments).exit_code == 2


def test_a_worker_comes_back_although_the_settings_file_is_broken_meanwhile(
    tmp_path: Path, first_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.app.put_aside_soon", lambda: None)
    monkeypatch.chdir(tmp_path)
    for name, value in Settings(index=first_index).to_environment().items():
        monkeypatch.setenv(name, value)
    Path("bodo.toml").write_text("index = [", "utf-8")
    assert _load_app().test_client().get("/healthz").status_code == 200
