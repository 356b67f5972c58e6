"""Clients of a server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

# Makes of a query what is asked for: a path, and the body of a POST, or nothing for a GET.
Request = Callable[[str], tuple[str, bytes]]

CLIENTS = 8
# A block of pages by one server, then one by the other.
_BLOCKS = 4


class Client:
    """Keeps its connection. Not for several threads."""

    def __init__(self, address: str, request: Request) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._connection = HTTPConnection(host, int(port))
        self._request = request

    def ask(self, query: str) -> Any:  # noqa: ANN401 - JSON
        """The answer to a query. Raises RuntimeError where it is none."""
        path, body = self._request(query)
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST" if body else "GET", path, body or None, headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {answer.decode()}")
        # A client of JSON reads it; a page is for the eyes.
        is_json = "json" in response.getheader("Content-Type", "")
        return json.loads(answer) if is_json else answer


def html_page(query: str) -> tuple[str, bytes]:
    """The page for people."""
    return f"/search?q={quote(query)}", b""


def our_page(query: str) -> tuple[str, bytes]:
    """What a person's page asks for."""
    return f"/api/v1/search?q={quote(query)}", b""


def pages_a_second(queries: Sequence[str], *servers: tuple[str, Request]) -> list[float]:
    """How many pages each server gives to CLIENTS at once, in turn: A, B, then B, A. Each is warmed up
    first: so many connections reach all workers of a server.
    """
    for server in servers:
        _ask_at_once(queries[::_BLOCKS], *server)
    seconds = [0.0 for _ in servers]
    for block in range(_BLOCKS):
        part = queries[block::_BLOCKS]
        order = range(len(servers)) if block % 2 == 0 else reversed(range(len(servers)))
        for side in order:
            seconds[side] += _ask_at_once(part, *servers[side])
    return [round(len(queries) / own, 1) for own in seconds]


def _ask_at_once(queries: Sequence[str], address: str, request: Request) -> float:
    """Seconds."""

    def ask_all(part: Sequence[str]) -> None:
        client = Client(address, request)
        for query in part:
            client.ask(query)

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask_all, [queries[start::CLIENTS] for start in range(CLIENTS)]))
    return time.perf_counter() - started
