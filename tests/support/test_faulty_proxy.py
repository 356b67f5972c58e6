"""The proxy that makes faults makes those that it is asked for, and no others."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.faulty_proxy import (
    GARBAGE,
    Answer,
    Cut,
    Delay,
    Fault,
    FaultyProxy,
    Mix,
    Pass,
    Request,
    Truncate,
)  # fmt: skip

CUTS = (http.client.HTTPException, ConnectionError)


class Server(ThreadingHTTPServer):
    """Answers with what it was sent, and remembers it."""

    request_queue_size = 128

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []
        super().__init__(("127.0.0.1", 0), Echo)


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            return
        self.server.seen.append((self.command, self.path, length))
        answer = body or json.dumps({"type": self.headers["Content-Type"]}).encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST  # noqa: N815

    def handle(self) -> None:
        with suppress(OSError):  # the proxy may break off
            super().handle()

    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultyProxy]:
    with FaultyProxy(f"http://127.0.0.1:{server.server_port}") as proxy:
        yield proxy


class Client:
    """One connection that is kept."""

    def __init__(self, proxy: FaultyProxy) -> None:
        where = proxy.url.partition("://")[2]
        if proxy.url.startswith("https"):
            context = ssl.create_default_context(cafile=str(proxy.certificate))
            self.connection: http.client.HTTPConnection = http.client.HTTPSConnection(where, context=context)
        else:
            self.connection = http.client.HTTPConnection(where, timeout=20)

    def ask(
        self, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
    ) -> tuple[int, bytes]:
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def client(proxy: FaultyProxy) -> Iterator[Client]:
    client = Client(proxy)
    yield client
    client.connection.close()


def test_requests_are_passed_on_and_counted(server: Server, proxy: FaultyProxy, client: Client) -> None:
    assert client.ask("POST", "/a?b=%EA%B0%80", b"body") == (200, b"body")
    assert client.ask("GET", "/missing") == (404, b'{"type": null}')
    assert client.ask("DELETE", "/a") == (200, b'{"type": null}')
    assert proxy.requests == [
        Request("POST", "/a?b=%EA%B0%80"), Request("GET", "/missing"), Request("DELETE", "/a"),
    ]  # fmt: skip
    assert [seen[1] for seen in server.seen] == ["/a?b=%EA%B0%80", "/missing", "/a"]


def test_a_connection_is_kept(client: Client) -> None:
    client.ask("GET", "/")
    port = client.connection.sock.getsockname()
    client.ask("HEAD", "/")
    client.ask("POST", "/", b"1")
    assert client.connection.sock.getsockname() == port


def test_a_head_has_a_length_and_no_body(client: Client) -> None:
    client.connection.request("HEAD", "/", headers={"Content-Type": "x"})
    answer = client.connection.getresponse()
    assert answer.getheader("Content-Length") == str(len('{"type": "x"}'))
    assert answer.read() == b""
    assert client.ask("GET", "/")[0] == 200


def test_large_bodies_go_through(client: Client) -> None:
    body = bytes(range(256)) * 4096 * 30
    assert client.ask("POST", "/", body) == (200, body)


def test_a_body_in_chunks_goes_through(server: Server, client: Client) -> None:
    assert client.ask("POST", "/", iter([b"one", b"two"])) == (200, b"onetwo")
    assert client.ask("GET", "/")[0] == 200


def test_a_delay(proxy: FaultyProxy, client: Client) -> None:
    proxy.behaviour = Delay(0.3)
    started = time.monotonic()
    assert client.ask("GET", "/")[0] == 200
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("body", [None, b"x" * 20_000_000], ids=["none", "large"])
def test_what_is_cut_before_the_server_has_it_is_not_done(
    server: Server, proxy: FaultyProxy, client: Client, body: bytes | None
) -> None:
    for cut in (Cut("before"), Cut("request")):
        proxy.behaviour = cut
        with pytest.raises(CUTS):
            client.ask("POST", "/", body)
        client.connection.close()
    proxy.behaviour = Pass()
    assert client.ask("GET", "/")[0] == 200
    assert [seen[0] for seen in server.seen] == ["GET"]
    assert len(proxy.requests) == 3


@pytest.mark.parametrize("cut", [Cut("after"), Cut("answer")])
def test_what_is_cut_after_the_server_has_it_is_done(
    server: Server, proxy: FaultyProxy, client: Client, cut: Cut
) -> None:
    proxy.behaviour = cut
    with pytest.raises(CUTS):
        client.ask("POST", "/", b"work")
    assert server.seen == [("POST", "/", 4)]


def test_half_an_answer(proxy: FaultyProxy, client: Client) -> None:
    proxy.behaviour = Cut("answer")
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.ask("POST", "/", b"twelve bytes")
    assert cut.value.partial == b"twelve"


@pytest.mark.parametrize("status", [401, 403, 429, 502, 503])
def test_an_answer_that_is_not_the_servers(
    server: Server, proxy: FaultyProxy, client: Client, status: int
) -> None:
    proxy.behaviour = Answer(status, b"{}", headers=(("Retry-After", "1"),))
    client.connection.request("POST", "/", b"body")
    answer = client.connection.getresponse()
    assert (answer.status, answer.read(), answer.getheader("Retry-After")) == (status, b"{}", "1")
    assert client.ask("HEAD", "/") == (status, b"")
    assert server.seen == []


def test_garbage(proxy: FaultyProxy, client: Client) -> None:
    proxy.behaviour = GARBAGE
    with pytest.raises(ValueError, match="utf"):
        json.loads(client.ask("GET", "/")[1])
    proxy.behaviour = Truncate()
    assert client.ask("POST", "/", b'{"a": [1, 2]}') == (200, b'{"a": ')


def test_each_request_its_own_fault(proxy: FaultyProxy, client: Client) -> None:
    proxy.behaviour = lambda request: Answer(503) if request.path == "/_bulk" else Pass()
    assert [client.ask("POST", path)[0] for path in ("/a", "/_bulk", "/b")] == [200, 503, 200]


def test_a_mix_is_the_same_for_the_same_seed() -> None:
    faults: list[tuple[Fault, float]] = [(Answer(503), 0.2), (Cut("after"), 0.1)]
    drawn = [[mix(Request("GET", "/")) for _ in range(2000)] for mix in (Mix(faults, 7), Mix(faults, 7))]
    assert drawn[0] == drawn[1]
    assert drawn[0] != [Mix(faults, 8)(Request("GET", "/")) for _ in range(2000)]
    assert 300 < drawn[0].count(Answer(503)) < 500
    assert 130 < drawn[0].count(Cut("after")) < 270
    assert 1200 < drawn[0].count(Pass()) < 1600


def test_many_clients_at_once(server: Server, proxy: FaultyProxy) -> None:
    proxy.behaviour = Mix([(Answer(503), 0.3)])
    statuses: list[int] = []

    def ask() -> None:
        client = Client(proxy)
        statuses.extend(client.ask("POST", "/", b"x" * 1000)[0] for _ in range(50))
        client.connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == len(proxy.requests) == 400
    assert statuses.count(200) == len(server.seen)
    assert set(statuses) == {200, 503}


def test_connections_that_are_kept_can_be_dropped(proxy: FaultyProxy, client: Client) -> None:
    client.ask("GET", "/")
    proxy.drop_connections()
    with pytest.raises(CUTS):
        client.ask("GET", "/")


def test_where_there_is_no_server_the_gateway_is_bad() -> None:
    with Server() as gone:
        pass
    with FaultyProxy(f"http://127.0.0.1:{gone.server_port}") as proxy:
        client = Client(proxy)
        assert client.ask("GET", "/")[0] == 502
        client.connection.close()


def test_its_end_waits_for_nothing(server: Server) -> None:
    started = time.monotonic()
    with FaultyProxy(f"http://127.0.0.1:{server.server_port}") as proxy:
        idle, waiting = Client(proxy), Client(proxy)
        idle.ask("GET", "/")
        proxy.behaviour = Delay(60)
        waiting.connection.request("GET", "/")
        while len(proxy.requests) < 2:
            time.sleep(0.01)
    for client in (idle, waiting):
        client.connection.close()
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("cut", [Cut("before"), Cut("answer")])
def test_tls(server: Server, cut: Fault) -> None:
    with FaultyProxy(f"http://127.0.0.1:{server.server_port}", tls=True) as proxy:
        client = Client(proxy)
        assert proxy.url.startswith("https://")
        assert client.ask("POST", "/", b"body") == (200, b"body")
        assert client.ask("POST", "/", b"y" * 3_000_000) == (200, b"y" * 3_000_000)
        proxy.behaviour = cut
        with pytest.raises((*CUTS, ssl.SSLError)):
            client.ask("POST", "/", b"body")
        client.connection.close()
        stranger = http.client.HTTPSConnection(proxy.url.partition("://")[2])
        with pytest.raises(ssl.SSLCertVerificationError):
            stranger.request("GET", "/")
        stranger.close()


def test_a_login(server: Server) -> None:
    with FaultyProxy(f"http://127.0.0.1:{server.server_port}", login=("bodo", "비밀")) as proxy:
        client = Client(proxy)
        assert client.ask("POST", "/", b"body")[0] == 401
        assert client.ask("POST", "/", b"body", Authorization="Basic Ym9kbzp3cm9uZw==")[0] == 401
        assert server.seen == []
        assert client.ask("POST", "/", b"body", Authorization="Basic Ym9kbzrruYTrsIA=") == (200, b"body")
        client.connection.close()
