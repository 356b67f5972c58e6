"""How a really started server ends, and what it cuts off: raw bytes on its socket."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.servers import PATIENCE_SECONDS, announced, free_port, serving, started
from web.serve import _HEAD_TIMEOUT_SECONDS, _MAX_HEAD_BYTES

REQUEST = b"GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
CLOSE = b"Connection: close\r\n"


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)


def answer(port: int, target: bytes, headers: bytes = CLOSE) -> bytes:
    with connect(port) as client:
        client.sendall(REQUEST % (target, headers))
        return client.makefile("rb").read()


@pytest.fixture(scope="module")
def port(first_index: Path) -> Iterator[int]:
    port = free_port()
    with started(serving(first_index, port)) as server:
        announced(server)
        yield port


@contextmanager
def searching(index: Path, gate: Path) -> Iterator[tuple[int, subprocess.Popen[str], socket.socket]]:
    """A server in the middle of a search, which ends once there is `gate`, and the client that waits for it."""
    port = free_port()
    command = [sys.executable, "-m", "tests.web.blocked_server", str(port), str(index), str(gate)]
    with started(command) as server:
        announced(server)
        with connect(port) as client:
            client.sendall(REQUEST % (b"/api/v1/search?q=x", b""))
            waiting = gate.with_suffix(".waiting")
            wait_for(waiting.exists)
            yield port, server, client


def wait_for(condition: object) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def is_refused(port: int) -> bool:
    try:
        connect(port).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        return False  # it waited to be taken when the server stopped to listen
    return False


def test_stopping_lets_an_answer_finish(first_index: Path, tmp_path: Path) -> None:
    with searching(first_index, tmp_path / "gate") as (port, server, client):
        os.kill(server.pid, signal.SIGTERM)
        wait_for(lambda: is_refused(port))
        assert server.poll() is None
        (tmp_path / "gate").touch()
        received = client.makefile("rb").read()
        assert received.startswith(b"HTTP/1.1 200 ")
        assert received.endswith(b"}\n")
        assert server.wait(PATIENCE_SECONDS) == 0


def test_an_answer_that_does_not_end_does_not_keep_it(first_index: Path, tmp_path: Path) -> None:
    with searching(first_index, tmp_path / "gate") as (_, server, client):
        os.kill(server.pid, signal.SIGTERM)
        assert server.wait(PATIENCE_SECONDS) == 0
        assert client.makefile("rb").read() == b""


def test_an_idle_connection_does_not_keep_it(first_index: Path) -> None:
    port = free_port()
    with started(serving(first_index, port)) as server:
        announced(server)
        with connect(port) as client:
            client.sendall(REQUEST % (b"/help", b""))
            assert client.recv(15) == b"HTTP/1.1 200 OK"
            os.kill(server.pid, signal.SIGTERM)
            assert server.wait(PATIENCE_SECONDS) == 0


def test_a_slow_head_is_cut_off_while_others_are_answered(port: int) -> None:
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        slow = [stack.enter_context(connect(port)) for _ in range(50)]
        for client in slow:
            client.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
            selector.register(client, selectors.EVENT_READ)
        closed = seconds = 0
        while closed < len(slow):
            assert answer(port, b"/help").startswith(b"HTTP/1.1 200 ")
            ended = selector.select(timeout=1)
            seconds += not ended
            assert seconds < 2 * _HEAD_TIMEOUT_SECONDS
            for key, _ in ended:
                try:
                    told = key.fileobj.recv(4_096)  # type: ignore[union-attr]
                except ConnectionResetError:
                    told = b""
                assert b" 200 " not in told
                if not told:
                    selector.unregister(key.fileobj)
                    closed += 1
            for key in list(selector.get_map().values()):
                try:
                    key.fileobj.send(b"x")  # type: ignore[union-attr]
                except (BrokenPipeError, ConnectionResetError):
                    selector.unregister(key.fileobj)
                    closed += 1


@pytest.mark.parametrize(
    "head", [b"X: " + b"a" * 1_000_000 + b"\r\n", b"X: a\r\n" * 200_000], ids=["long", "many"]
)
def test_a_head_of_a_megabyte_is_refused(port: int, head: bytes) -> None:
    with connect(port) as client:
        received = b""
        try:
            client.sendall(REQUEST % (b"/", head))
            received = client.recv(100)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert received == b"" or received.startswith(b"HTTP/1.1 4")
    assert answer(port, b"/help").startswith(b"HTTP/1.1 200 ")


def test_the_longest_search_fits(port: int) -> None:
    values = "".join(f"&{name}={'%F0%9F%98%80' * 500}" for name in ("outlet", "department", "reporter"))
    target = f"/api/v1/search?q={'%F0%9F%98%80' * 2_000}{values}".encode()
    assert 40_000 < len(target) < _MAX_HEAD_BYTES
    assert answer(port, target).startswith(b"HTTP/1.1 200 ")
