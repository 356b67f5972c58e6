"""Limits of a client: off unless set, counted for each, said with when to come back; and who a client is."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from indexer.cli.main import main
from indexer.errors import BodoError
from indexer.search.service import SearchService
from indexer.settings import Settings
from tests.conftest import Clock
from web.app import create_app
from web.proxies import trust_proxies
from web.rate_limit import check_rate_limit, client_key, limit_rate
from web.site import Site

LIMITED = [
    "/api/v1/search?q=하", "/api/v1/suggest?q=하", "/search?q=하", "/trends?q=하", "/trends.csv?q=하", "/feed.atom", "/suggest.json?q=하",
]  # fmt: skip
FREE = ["/", "/help", "/healthz", "/static/bodo.css", "/robots.txt", "/releases/none", "/nothing", "/api"]
Make = Callable[..., FlaskClient]


@pytest.fixture
def make(service: SearchService, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make a client of an application with limits, whose time stands until `clock` is set."""
    monkeypatch.setattr("limits.storage.memory.time.time", clock)

    def make(rate: str, hops: int = 0) -> FlaskClient:
        app = create_app(service, Site(), None)
        trust_proxies(app, hops)
        limit_rate(app, rate)
        return app.test_client()

    return make


def status(
    client: FlaskClient, path: str, address: str = "192.0.2.1", forwarded: str = "", **values: object
) -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with client.open(path, headers=headers, environ_base={"REMOTE_ADDR": address}, **values) as response:  # type: ignore[arg-type]
        return response.status_code


def test_without_a_rate_nobody_is_limited(make: Make) -> None:
    client = make("")
    assert {status(client, "/api/v1/suggest?q=하") for _ in range(50)} == {200}


@pytest.mark.parametrize("path", LIMITED)
def test_one_limit_holds_for_everything_that_searches(make: Make, clock: Clock, path: str) -> None:
    client = make("3/minute")
    assert [status(client, one) for one in LIMITED[:3]] == [200] * 3
    clock.at += 20
    refused = client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert refused.status_code == 429
    assert 39 <= int(refused.headers["Retry-After"]) <= 41
    assert refused.headers["Cache-Control"] == "no-store"
    assert "ETag" not in refused.headers
    assert "X-Request-ID" in refused.headers
    is_program = path.startswith("/api/") or "json" in path
    assert refused.mimetype == ("application/problem+json" if is_program else "text/html")
    assert "너무 많이 찾았습니다" in refused.get_data(as_text=True)
    # Another client, and what does not search.
    assert status(client, path, "192.0.2.2") == 200
    assert 429 not in [status(client, one) for one in FREE]
    assert status(client, path, method="OPTIONS") == 200
    clock.at += int(refused.headers["Retry-After"])
    assert status(client, path) == 200


def test_several_rates_hold_at_once(make: Make, clock: Clock) -> None:
    client = make("2/second; 3/minute")
    assert [status(client, "/api/v1/suggest?q=하") for _ in range(3)] == [200, 200, 429]
    clock.at += 2
    # What is refused by one is not counted by the other.
    assert [status(client, "/api/v1/suggest?q=하") for _ in range(2)] == [200, 429]
    clock.at += 60
    assert status(client, "/api/v1/suggest?q=하") == 200


def test_who_has_the_answer_is_not_counted(make: Make) -> None:
    client = make("1/minute")
    tag = client.get("/api/v1/search?q=하노버").headers["ETag"]
    again = [
        client.get("/api/v1/search?q=하노버", headers={"If-None-Match": tag}).status_code for _ in range(5)
    ]
    assert again == [304] * 5
    assert client.get("/api/v1/search?q=하노버").status_code == 429


# Who asks


def test_without_proxies_a_forged_address_changes_nothing(make: Make) -> None:
    client = make("1/minute")
    forged = [f"203.0.113.{n}" for n in range(4)]
    assert [status(client, "/search?q=하", forwarded=one) for one in forged] == [200, 429, 429, 429]


def test_behind_one_proxy_only_the_last_hop_counts(make: Make) -> None:
    client = make("1/minute", 1)

    def ask(forwarded: str) -> int:
        return status(client, "/search?q=하", "10.0.0.1", forwarded)

    assert ask("198.51.100.7") == 200
    assert ask("198.51.100.7") == 429
    assert ask("203.0.113.1, 198.51.100.7") == 429
    assert ask("203.0.113.2,203.0.113.3 , 198.51.100.7") == 429
    assert ask("198.51.100.7, 198.51.100.8") == 200


def test_behind_two_proxies_the_last_but_one_counts(make: Make) -> None:
    client = make("1/minute", 2)
    asked = [
        "203.0.113.1, 198.51.100.7, 10.0.0.2",
        "203.0.113.9, 198.51.100.7, 10.0.0.3",
        "198.51.100.8, 10.0.0.2",
    ]
    assert [status(client, "/search?q=하", "10.0.0.1", one) for one in asked] == [200, 429, 200]


@pytest.mark.parametrize(("hops", "address"), [(0, "http://localhost/"), (1, "https://a.kr/archive/")])
def test_what_a_proxy_says_is_in_addresses_where_it_is_trusted(make: Make, hops: int, address: str) -> None:
    headers = {
        "X-Forwarded-Proto": "gopher, https", "X-Forwarded-Host": "evil.example, a.kr", "X-Forwarded-Prefix": "/x, /archive",
    }  # fmt: skip
    page = make("", hops).get("/robots.txt", headers=headers).get_data(as_text=True)
    assert f"Sitemap: {address}sitemap.xml" in page


@pytest.mark.parametrize(
    "forwarded", ["", ",", "뷁", "1.2.3.4:5678", "unknown", "a" * 9_000, "[::1]", "fe80::1%eth0", "\x00"]
)
def test_any_address_is_that_of_some_client(make: Make, forwarded: str) -> None:
    client = make("1/minute", 1)
    raw = forwarded.encode().decode("latin-1")
    environ = {"HTTP_X_FORWARDED_FOR": raw, "REMOTE_ADDR": "10.0.0.1"}
    assert [client.get("/search?q=하", environ_overrides=environ).status_code for _ in range(2)] == [200, 429]


@given(st.ip_addresses(v=6), st.ip_addresses(v=6))
def test_a_network_of_ipv6_is_one_client(one: object, other: object) -> None:
    def key(address: object) -> str:
        with Flask(__name__).test_request_context(environ_base={"REMOTE_ADDR": str(address)}):
            return client_key()

    def network(address: object) -> int:
        return int(IPv6Address(str(address))) >> 64

    if not any(getattr(address, "ipv4_mapped", None) for address in (one, other)):
        assert (key(one) == key(other)) == (network(one) == network(other))
    neighbour = IPv6Address(int(IPv6Address(str(one))) ^ 1)
    if not getattr(one, "ipv4_mapped", None):
        assert key(one) == key(neighbour)


def test_an_address_of_ipv4_is_one_client_however_it_is_written() -> None:
    keys = []
    for address in ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"):
        with Flask(__name__).test_request_context(environ_base={"REMOTE_ADDR": address}):
            keys.append(client_key())
    assert keys == ["192.0.2.1", "192.0.2.1", "192.0.2.2"]


# What is set


RATES = ["60/minute", "1/second;100/hour", "5 per 10 seconds", " 10/minute ", "1 per day, 2/hour"]
WRONG = ["sixty", "60", "60/fortnight", "0/minute", "-1/minute", "60/0minute", "1/minute; ", "5 per 0 seconds", "9" * 5000 + "/minute", "1/minute\n"]  # fmt: skip


@pytest.mark.parametrize("rate", RATES)
def test_a_rate(rate: str) -> None:
    assert check_rate_limit(Settings(rate_limit=rate)) == rate.strip()


@pytest.mark.parametrize(
    "rate",
    ["sixty", "60", "60/fortnight", "0/minute", "-1/minute", "9" * 5000 + "/minute"],
)
def test_what_is_no_rate_stops_the_server(rate: str) -> None:
    with pytest.raises(BodoError, match=r"rate_limit\(BODO_RATE_LIMIT\)") as raised:
        check_rate_limit(Settings(rate_limit=rate))
    assert "60/minute" in raised.value.hint
    done = CliRunner(env={"BODO_RATE_LIMIT": rate}).invoke(main, ["serve"])
    assert done.exit_code == 1
    assert "BODO_RATE_LIMIT" in done.stderr
    assert "Traceback" not in done.output


@given(
    st.one_of(
        st.text(max_size=20),
        st.lists(st.sampled_from([*RATES, *WRONG, ";", "/", "1", "per", " "]), max_size=4).map("".join),
    )
)
def test_any_text_is_a_rate_or_told_to_be_none(rate: str) -> None:
    try:
        checked = check_rate_limit(Settings(rate_limit=rate))
    except BodoError as error:
        assert "60/minute" in error.hint  # noqa: PT017
        return
    app = Flask(__name__)
    limit_rate(app, checked)
    app.add_url_rule("/search", view_func=lambda: "")
    assert app.test_client().get("/search").status_code == 200


def test_numbers_of_proxies_are_checked() -> None:
    done = CliRunner(env={"BODO_TRUSTED_PROXIES": "-1"}).invoke(main, ["serve"])
    assert done.exit_code == 1
    assert "BODO_TRUSTED_PROXIES" in done.stderr


def test_clients_are_counted_apart(make: Make) -> None:
    client = make("2/minute")
    addresses = [f"192.0.2.{n}" for n in range(5)]
    asked = [status(client, "/search?q=하", address) for _ in range(3) for address in addresses]
    assert asked == [200] * 10 + [429] * 5
