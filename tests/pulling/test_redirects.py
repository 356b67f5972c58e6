"""No redirect and no name leads inside (SSRF): not one connection is made."""

from __future__ import annotations

import dataclasses
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from indexer.pulling.fetch_error import FetchError
from indexer.pulling.fetcher import Fetcher
from indexer.pulling.visits import MAX_REDIRECTS, Rules
from tests.pulling.conftest import LIMITS
from tests.support.site_answers import Page, Status, redirect
from tests.support.sites import Listener, Site, names
from tests.support.times import FakeTime


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1:{port}/", "//127.0.0.1:{port}/x", "http://[::1]:{port}/", "http://localhost:{port}/"),
        *("http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/"),
        *("http://127.1:{port}/", "http://0:{port}/", "http://0.0.0.0:{port}/", "http://①②⑦.0.0.1:{port}/"),
        *("http://127.0.0.1:{site}@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@127.0.0.1:{site}/"),
        *("http://inside.example:{port}/", "http://169.254.169.254/latest/", "file:///etc/passwd"),
        *("ftp://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/", "http://", "", "http://[", "\\\\127.0.0.1:{port}\\a"),
    ],
)  # fmt: skip
def test_redirect_to_inside_connects_to_nobody(site: Site, status: int, location: str) -> None:
    resolve = names(inside_example=["127.0.0.1"], localhost=["127.0.0.1", "::1"])
    fetcher = Fetcher(limits=LIMITS, surroundings=FakeTime().surroundings(resolve=resolve))
    with Listener() as listener:
        target = location.format(port=listener.port, site=site.port)
        site.pages["/robots.txt"] = Page(b"")
        site.script["/a"] = [redirect(target, status)]
        # A relative one stays on the site, where there is nothing.
        with pytest.raises(FetchError):
            fetcher.fetch(f"{site.url}/a", rules=site.rules)
    assert listener.connections == 0


def test_robots_txt_leads_nobody_inside(site: Site, fetcher: Fetcher) -> None:
    with Listener() as listener:
        site.pages["/a"] = Page(b"a")
        site.script["/robots.txt"] = [redirect(f"http://127.0.0.1:{listener.port}/robots.txt")]
        assert fetcher.fetch(f"{site.url}/a", rules=site.rules).body == b"a"
    assert listener.connections == 0


def test_name_that_changes_its_address_is_asked_where_it_was_checked(site: Site) -> None:
    """DNS rebinding: the second look-up of a name gives another address. There is no second look-up."""
    given = [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
    fetcher = Fetcher(
        limits=LIMITS, surroundings=FakeTime().surroundings(resolve=lambda host, port: given.pop(0))
    )
    site.pages["/a"] = Page(b"a")
    rules = Rules(private_hosts=frozenset({"news.example"}), delay_s=0)
    assert fetcher.fetch(f"{site.at('news.example')}/a", rules=rules).body == b"a"
    # One for the page, one for robots.txt.
    assert len(given) == 2
    assert {asked.headers["Host"] for asked in site.asked} == {f"news.example:{site.port}"}


def test_name_with_an_address_that_does_not_answer(site: Site) -> None:
    resolve = names(news_example=["127.0.0.3", "127.0.0.1"])
    fetcher = Fetcher(limits=LIMITS, surroundings=FakeTime().surroundings(resolve=resolve))
    site.pages["/a"] = Page(b"a")
    rules = Rules(private_hosts=frozenset({"news.example"}), delay_s=0)
    assert fetcher.fetch(f"{site.at('news.example')}/a", rules=rules).body == b"a"


def test_private_host_of_one_source_is_not_that_of_another(site: Site, fetcher: Fetcher) -> None:
    with Site() as inside:
        inside.pages["/secret"] = Page(b"secret")
        site.pages["/a"] = Page(b"")
        site.script["/a"] = [redirect(f"{inside.url}/secret")] * 2
        with pytest.raises(FetchError, match="allow_private"):
            fetcher.fetch(f"{site.url}/a", rules=site.rules)
        assert inside.connections == 0
        both = dataclasses.replace(
            site.rules, private_hosts=site.rules.private_hosts | inside.rules.private_hosts
        )
        assert fetcher.fetch(f"{site.url}/a", rules=both).body == b"secret"


def test_redirects_are_followed_so_far(site: Site, fetcher: Fetcher) -> None:
    for step in range(MAX_REDIRECTS + 1):
        site.pages[f"/{step}"] = Page(str(step).encode())
        site.script[f"/{step}"] = [redirect(f"/{step + 1}")] * 2
    site.script[f"/{MAX_REDIRECTS}"] = []
    fetched = fetcher.fetch(f"{site.url}/0", rules=site.rules)
    assert (fetched.body, fetched.url) == (b"5", f"{site.url}/5")
    site.script[f"/{MAX_REDIRECTS}"] = [redirect("/end")]
    site.pages["/end"] = Page(b"end")
    with pytest.raises(FetchError, match="되풀이"):
        fetcher.fetch(f"{site.url}/0", rules=site.rules)
    assert "/end" not in site.paths()


def test_loop_of_redirects_ends_at_once(site: Site, fetcher: Fetcher) -> None:
    site.script = {"/a": [redirect("/b")] * 9, "/b": [redirect("/a#x")] * 9}
    with pytest.raises(FetchError, match="되풀이"):
        fetcher.fetch(f"{site.url}/a", rules=site.rules)
    assert site.paths() == ["/a", "/b"]


def test_out_of_tls_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher) -> None:
    with Site(tls=True) as secure:
        monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
        secure.script["/a"] = [redirect(f"{site.url}/a")]
        rules = Rules(private_hosts=site.rules.private_hosts | secure.rules.private_hosts, delay_s=0)
        with pytest.raises(FetchError, match="암호화하지 않는"):
            fetcher.fetch(f"{secure.url}/a", rules=rules)
    assert site.connections == 0


def test_tls_asks_for_the_name_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = names(localhost=["127.0.0.1"], other_example=["127.0.0.1"])
    fetcher = Fetcher(limits=LIMITS, surroundings=FakeTime().surroundings(resolve=resolve))
    rules = Rules(private_hosts=frozenset({"localhost", "other.example"}), delay_s=0)
    with Site(tls=True) as secure:
        secure.pages["/a"] = Page(b"a")
        with pytest.raises(FetchError, match="TLS"):
            fetcher.fetch(f"{secure.at('localhost')}/a", rules=rules)
        assert secure.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
        assert fetcher.fetch(f"{secure.at('localhost')}/a", rules=rules).body == b"a"
        # The certificate is of another name.
        with pytest.raises(FetchError, match="TLS"):
            fetcher.fetch(f"{secure.at('other.example')}/a", rules=rules)
        assert len(secure.paths()) == 1


def test_no_cookie_and_no_referer_goes_along(site: Site, fetcher: Fetcher) -> None:
    site.pages["/b"] = Page(b"b")
    site.script["/a"] = [Status(302, {"Location": "/b", "Set-Cookie": "id=1"})]
    fetcher.fetch(f"{site.url}/a", rules=site.rules)
    for asked in site.asked:
        assert {name.lower() for name in asked.headers} <= {
            "host", "user-agent", "accept", "accept-encoding", "connection",
        }  # fmt: skip


@pytest.fixture
def tunnels(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A proxy for HTTPS; what it was asked to connect to."""
    asked: list[str] = []

    class Tunnel(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().split()[1].decode())
            while self.rfile.readline().strip():
                pass
            with socket.create_connection(("127.0.0.1", int(asked[-1].rpartition(":")[2]))) as onward:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                pump = threading.Thread(target=pass_on, args=(onward, self.connection))
                pump.start()
                pass_on(self.connection, onward)
                pump.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.server_address[1]}")
        yield asked
        proxy.shutdown()
        thread.join()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_tunnel_of_a_proxy_is_asked_for_a_name_that_was_checked(
    tunnels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = names(localhost=["127.0.0.1"], inside_example=["127.0.0.1"])
    fetcher = Fetcher(limits=LIMITS, surroundings=FakeTime().surroundings(resolve=resolve))
    rules = Rules(private_hosts=frozenset({"localhost"}), delay_s=0, heeds_robots=False)
    with Site(tls=True) as secure:
        monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
        secure.pages["/a"] = Page(b"a")
        assert fetcher.fetch(f"{secure.at('localhost')}/a", rules=rules).body == b"a"
        assert tunnels == [f"localhost:{secure.port}"]
        for name in ("inside.example", "unknown.example"):
            with pytest.raises(FetchError):
                fetcher.fetch(f"{secure.at(name)}/a", rules=rules)
        assert len(tunnels) == 1
