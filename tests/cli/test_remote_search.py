"""`bodo search --url`: the answers of another archive, printed as those of an index here."""

from __future__ import annotations

import gzip
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indexer.bootstrap import open_service
from indexer.cli.main import main
from indexer.errors import BodoError
from indexer.json_records import answer_record
from indexer.release import PressRelease
from indexer.remote import connection
from indexer.remote.archive import RemoteArchive
from indexer.remote.connection import site_address
from indexer.remote.records import read_answer
from indexer.search.request import SearchRequest
from indexer.settings import Settings
from tests.support.desk import OTHER_TEXT, TEXT, Desk
from tests.support.http_servers import port_of, send, serving_app, serving_bytes
from web.app import create_app

HOSTILE = json.dumps(
    {
        "title": "까마귀\u202e왔다",
        "outlet": "<b>창원시",
        "url": "javascript:alert(1)",
        "body": "까마귀 😀 까마귀 백 마리가 왔다.",
    }
)
DATED = "---\ntitle: 왜가리가 왔다\noutlet: 창원시\ndate: 2023-04-25\n---\n왜가리 백 마리가 왔다.\n"
TIMED = (
    "---\ntitle: 왜가리가 또 왔다\noutlet: 다른 시\ndate: 2023-04-26 09:30\n---\n왜가리 이백 마리가 왔다.\n"
)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    texts = {
        "두루미.txt": TEXT,
        "까치.txt": OTHER_TEXT,
        "왜가리.md": DATED,
        "왜가리2.md": TIMED,
        "까마귀.jsonl": HOSTILE,
    }
    for name, text in texts.items():
        (desk.corpus / name).write_text(text, "utf-8")
    (desk.corpus / "synonyms.txt").write_text("학 > 두루미\n", "utf-8")
    assert desk.run("reindex").exit_code == 0
    return desk


@pytest.fixture(scope="module")
def site(desk: Desk) -> Iterator[str]:
    with serving_app(create_app(open_service(Settings(index=desk.index)))) as address:
        yield address


def ask(url: str, *arguments: str, command: str = "search") -> Result:
    return CliRunner().invoke(main, [command, "--url", url, *arguments])


def untimed(text: str) -> str:
    return re.sub(r"\(\d+ms\)|\"took_ms\": [\d.]+", "", text)


SEARCHES: list[list[str]] = [
    ["두루미"], ["두루머"], ["두루미 없는말씀"], ["학"], ['"두루미'], ["까치 창원시"], ["돌아왔다", "--limit", "1"],
    ["왜가리", "--sort", "oldest"], ["왜가리", "--outlet", "창원시"], ["왜가리", "--outlet", "창원시", "--outlet", "다른 시"],
    ["왜가리", "--from", "2023-04-26"], ["왜가리", "--to", "2023-04-25"], ["두루머", "--exact"], ["왜가리", "--attachment"],
    ["까마귀"], ["없는말씀하나", "--outlet", "창원시"], ["창원시 왜가리"], ["왜가리", "--outlet", "창원특례시"],
    ["두루미 &+#%=가"], ["왜가리", "--from", "2024-01-01"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", SEARCHES, ids=" ".join)
def test_a_remote_archive_is_printed_as_an_index_here(desk: Desk, site: str, arguments: list[str]) -> None:
    for options in ([], ["--json"]):
        here, there = desk.run("search", *arguments, *options), ask(site, *arguments, *options)
        assert (there.exit_code, untimed(there.output)) == (here.exit_code, untimed(here.output))
        assert here.exit_code == 0


@pytest.mark.parametrize("typed", ["두ㄹ", "ㄷㄹㅁ", "encnfal", "두루머", "", "없는말씀"])
def test_suggestions_are_printed_as_those_of_an_index_here(desk: Desk, site: str, typed: str) -> None:
    for options in ([], ["--json"]):
        here, there = desk.run("suggest", typed, *options), ask(site, typed, *options, command="suggest")
        assert (there.exit_code, there.output) == (here.exit_code, here.output)
        assert here.exit_code == 0


def test_an_archive_of_an_earlier_version_knows_no_issuers() -> None:
    query = {name: value for name, value in ANSWER["query"].items() if name != "issuers"}
    hits = [{name: value for name, value in hit.items() if name != "outlet_today"} for hit in ANSWER["hits"]]
    answer = read_answer(json.dumps({**ANSWER, "query": query, "hits": hits}).encode())
    assert answer.query.issuers == ()
    assert answer.hits[0].outlet_today == ""


def test_a_cursor_leads_on(site: str) -> None:
    first = json.loads(ask(site, "돌아왔다", "--limit", "1", "--json").stdout)
    second = json.loads(ask(site, "돌아왔다", "--limit", "1", "--cursor", first["next"], "--json").stdout)
    assert second["offset"] == 1
    assert second["hits"][0]["id"] != first["hits"][0]["id"]


def test_a_remote_archive_cannot_command_the_terminal() -> None:
    evil = "\x1b[2J\x07\u202e\x9b까마귀"
    query = {**ANSWER["query"], "corrected_from": evil, "effective": evil, "notes": [evil]}
    query["synonyms"] = [{"query": evil, "also": [evil]}]
    query["issuers"] = [
        {"query": evil, "name": evil, "today": evil, "also": [evil], "issued": True, "excluded": True}
    ]
    hit = {
        **ANSWER["hits"][0],
        "title": evil,
        "outlet": evil,
        "outlet_today": evil,
        "id": evil,
        "reporter": evil,
    }
    hit["snippets"] = [{"text": evil, "ranges": [[0, 3]], "file": evil, "page": 1, "table": 1}]
    body = json.dumps({**ANSWER, "query": query, "hits": [hit], "partial": [hit]}).encode()
    with serving_bytes(lambda handler: send(handler, body)) as url:
        done = ask(url, "까마귀")
    assert done.exit_code == 0
    assert done.stdout.count("까마귀") > 10
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(done.stdout)


def test_neither_an_index_nor_an_analyzer_is_loaded(site: str) -> None:
    script = (
        "import sys; from indexer.cli.main import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        "loaded = {'indexer.bootstrap', 'indexer.analysis', 'indexer.engine', 'numpy', 'whoosh'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    for command in ("search", "suggest"):
        run = [sys.executable, "-c", script, command, "--url", site, "두루미"]
        done = subprocess.run(run, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "두루미" in done.stdout


@pytest.mark.parametrize("options", [["--index", "x"], ["--analyzer", "kiwi"], ["--embargoed"]])
def test_options_of_an_index_do_not_stand_beside_an_address(site: str, options: list[str]) -> None:
    done = ask(site, "두루미", *options)
    assert done.exit_code == 2
    assert options[0] in done.stderr


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://a.example/", "https://a.example"),
        (" http://a.example:8000/archive/ ", "http://a.example:8000/archive"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://보도.example/자료", "https://xn--hq1b67o.example/%EC%9E%90%EB%A3%8C"),
    ],
)
def test_an_address_of_a_site(given: str, address: str) -> None:
    assert site_address(given) == address


@pytest.mark.parametrize(
    "given",
    ["", "a.example", "ftp://a.example", "file:///etc/passwd", "http://", "http://a:99999", "http://[::1", "http://a/?q=1", "http://a/#x",
     "http://me:secret@a.example", "http://a:0", "http://" + "가" * 70],
)  # fmt: skip
def test_what_is_no_address_of_a_site(given: str) -> None:
    done = ask(given, "두루미")
    assert done.exit_code == 1
    assert "https://archive.example" in done.stderr
    assert "secret" not in done.stderr


def failure(url: str, timeout_s: float = 10.0) -> str:
    with pytest.raises(BodoError) as caught:
        RemoteArchive(url, timeout_s=timeout_s).search(SearchRequest(q="두루미"))
    assert caught.value.hint
    return str(caught.value)


def test_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = ask(f"http://127.0.0.1:{port}", "두루미")
    assert done.exit_code == 1
    assert "서버에 닿을 수 없습니다" in done.stderr
    assert "Traceback" not in done.output


def test_no_server_has_this_name() -> None:
    assert "그런 이름의 서버가 없습니다" in failure("http://nobody.invalid")


def test_a_server_that_says_nothing() -> None:
    release = threading.Event()
    with serving_bytes(lambda handler: void(release.wait(30))) as url:
        assert "0.3초 안에 답이 오지 않았습니다" in failure(url, timeout_s=0.3)
        release.set()


def test_a_server_that_drips() -> None:
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        for _ in range(200):
            if ended.wait(0.02):
                return
            with suppress(OSError):
                handler.wfile.write(b" ")

    with serving_bytes(drip) as url:
        assert "초 안에 답이 오지 않았습니다" in failure(url, timeout_s=0.5)
        ended.set()


def void(_: object) -> None:
    pass


@pytest.mark.parametrize(
    ("body", "media_type", "status", "told"),
    [
        (b"<!doctype html>", "text/html", 200, "bodo의 답이 아닙니다"),
        (b"<!doctype html>", "text/html; charset=utf-8", 404, "HTTP 404, text/html"),
        (b"bad gateway", "text/plain", 502, "HTTP 502"),
        (b"{}", "application/json", 500, "HTTP 500"),
        (b"", "application/json", 200, "읽을 수 없습니다"),
        (b"\xff\xfe\x00", "application/json", 200, "읽을 수 없습니다"),
        (b"{}", "application/json", 200, "`query`"),
        (b'{"query": 5}', "application/json", 200, "$.query"),
        (b"[" * 200_000, "application/json", 200, "읽을 수 없습니다"),
        (b'{"detail": 5}', "application/problem+json", 503, "읽을 수 없는 오류"),
    ],
)  # fmt: skip
def test_what_is_no_answer_of_bodo(body: bytes, media_type: str, status: int, told: str) -> None:
    with serving_bytes(lambda handler: send(handler, body, media_type=media_type, status=status)) as url:
        assert told in failure(url)


def test_what_is_no_http() -> None:
    with serving_bytes(lambda handler: void(handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"))) as url:
        assert "답을 읽을 수 없습니다" in failure(url)


def test_an_answer_that_breaks_off() -> None:
    def break_off(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"query"')

    with serving_bytes(break_off) as url:
        assert "답을 읽을 수 없습니다" in failure(url)


def test_a_huge_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_ANSWER_BYTES", 1024**2)
    bomb = gzip.compress(bytes(64 * 1024**2))
    with serving_bytes(lambda handler: send(handler, bomb, Content_Encoding="gzip")) as url:
        assert "너무 큽니다" in failure(url)


def test_bytes_that_are_no_gzip() -> None:
    with serving_bytes(lambda handler: send(handler, b"{}", Content_Encoding="gzip")) as url:
        assert "답을 읽을 수 없습니다" in failure(url)


def test_a_problem_is_shown_with_its_way_out() -> None:
    problem = json.dumps({"detail": "기다리는 검색이\x1b[2J 많습니다.", "status": 503}).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, problem, status=503, media_type="application/problem+json", Retry_After="5")

    with serving_bytes(answer) as url:
        done = ask(url, "두루미")
    assert done.exit_code == 1
    assert "(503): 기다리는 검색이" in done.stderr
    assert "5초 뒤에" in done.stderr
    assert "\x1b" not in done.stderr


def test_the_server_refuses_a_wrong_cursor(site: str) -> None:
    done = ask(site, "두루미", "--cursor", "없는것")
    assert done.exit_code == 1
    assert "(400): " in done.stderr
    assert "첫 쪽부터" in done.stderr


def test_a_redirect_within_the_site_is_followed(site: str) -> None:
    def move(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.startswith("/old/"):
            send(handler, b"", status=308, Location=handler.path.removeprefix("/old"))
        else:
            send(handler, b"{}", media_type="text/arrived")

    with serving_bytes(move) as url:
        assert "text/arrived" in failure(f"{url}/old")


@pytest.mark.parametrize("location", ["http://127.0.0.2:{port}/x", "https://elsewhere.example/", "file:///etc/passwd", "//other.example", "", "http://[", "http://127.0.0.1:1/"])  # fmt: skip
def test_a_redirect_to_elsewhere_is_not_followed(location: str) -> None:
    asked: list[str] = []

    def move(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, b"", status=302, Location=location.format(port=port_of(handler)))

    with serving_bytes(move) as url:
        assert "따르지 않았습니다" in failure(url)
    assert len(asked) == 1


def test_a_redirect_to_tls_on_the_same_host_is_followed() -> None:
    def move(handler: BaseHTTPRequestHandler) -> None:
        send(handler, b"", status=301, Location=f"https://127.0.0.1:{port_of(handler)}/")

    with serving_bytes(move) as url:
        assert "TLS" in failure(url)


def test_a_redirect_that_goes_round_ends() -> None:
    with serving_bytes(lambda handler: send(handler, b"", status=302, Location=handler.path)) as url:
        assert "되풀이합니다" in failure(url)


def test_a_server_without_tls() -> None:
    with serving_bytes(lambda handler: send(handler, b"{}")) as url:
        assert "TLS" in failure(url.replace("http:", "https:"))


def test_a_proxy_is_used_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert "프록시" in failure("http://archive.example")


ANSWER: dict[str, Any] = {
    "query": {"raw": "a", "effective": "a", "canonical": "a", "corrected_from": None, "relaxed": False, "notes": [], "synonyms": [], "words": []},
    "total": 1, "timed_out": False, "took_ms": 1.5,
    "index": {"generation": "1", "updated_at": "2026-01-01T00:00:00+00:00", "documents": 1},
    "hits": [{
        "id": "1", "url": "/releases/1", "source_url": "", "title": "가😀나", "title_ranges": [[1, 2]], "subtitle": "", "outlet": "", "department": "",
        "reporter": "", "published_at": "2023-04-25", "embargo_until": None, "score": 1.0, "attachments": [], "similar": [], "matched": [],
        "snippets": [{"text": "가나다", "ranges": [[0, 1], [2, 3]], "file": "", "page": 0, "table": 0}],
    }],
    "facets": {"outlet": [{"value": "가", "count": 1}]}, "offset": 0, "next": None, "previous": None, "partial": [],
    "alternatives": [{"kind": "new_kind", "parameters": {"q": "b", "later": ["x"]}, "total": 3}],
}  # fmt: skip


def test_unknown_keys_are_passed_over() -> None:
    newer = {**ANSWER, "later": {"a": [1]}, "hits": [{**ANSWER["hits"][0], "later": 1}]}
    assert read_answer(json.dumps(newer).encode()) == read_answer(json.dumps(ANSWER).encode())
    assert read_answer(json.dumps(newer).encode()).alternatives[0].label == "b"


@pytest.mark.parametrize("key", sorted(ANSWER))
def test_a_missing_key_is_told(key: str) -> None:
    with pytest.raises(BodoError, match=f"`{key}`.*\n.*판"):
        read_answer(json.dumps({name: value for name, value in ANSWER.items() if name != key}).encode())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title_ranges", [[2, 9]]), ("title_ranges", [[1, 0]]), ("title_ranges", [[0, 2], [1, 3]]), ("title_ranges", [[-1, 1]]),
        ("title_ranges", [[1]]), ("title", None), ("published_at", "2023-13-45"), ("published_at", "2023-04-25T09:00"), ("published_at", "어제"),
        ("embargo_until", "2023-04-25T09:00"), ("score", "1"),
    ],
)  # fmt: skip
def test_a_hit_that_cannot_be_shown_is_refused(key: str, value: object) -> None:
    wrong = {**ANSWER, "hits": [{**ANSWER["hits"][0], key: value}]}
    with pytest.raises(BodoError, match="읽을 수 없습니다"):
        read_answer(json.dumps(wrong).encode())


@pytest.mark.parametrize("parameters", [{}, {"q": "a", "from": "x"}, {"q": "a", "limit": "x"}, {"q": "a", "sort": "x"}, {"q": "a", "outlet": 5}])  # fmt: skip
def test_an_alternative_that_cannot_be_asked_is_refused(parameters: dict[str, object]) -> None:
    wrong = {**ANSWER, "alternatives": [{"kind": "word", "parameters": parameters, "total": 1}]}
    with pytest.raises(BodoError, match="읽을 수 없습니다"):
        read_answer(json.dumps(wrong).encode())


def test_every_answer_comes_back_as_it_was(desk: Desk, site: str) -> None:
    service, archive = open_service(Settings(index=desk.index)), RemoteArchive(site)
    for q in ("두루미", "두루머", "까마귀", "왜가리", "까치 창원시", "없는말씀"):
        here, there = service.search(SearchRequest(q=q)), archive.search(SearchRequest(q=q))
        records = [{**answer_record(answer), "took_ms": 0} for answer in (here, there)]
        assert records[0] == records[1]


RELEASE = {
    "id": "a/b", "url": "/releases/a%2Fb", "source_url": "https://a.example/1", "title": "제목", "subtitles": ["부제"], "outlet": "창원시",
    "department": "", "reporter": "", "contact": "", "published_at": "2023-04-25", "embargo_until": None, "marks": None,
    "sections": [{"heading": "머리", "paragraphs": ["글"], "file": "", "page": 0, "table": 0}],
    "attachments": [{"name": "가.hwp", "url": "", "media_type": "", "size_bytes": None}],
}  # fmt: skip


def test_a_release_is_read() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/api/v1/releases/a%2Fb":
            send(handler, json.dumps(RELEASE).encode())
        else:
            problem = b'{"detail": "none"}'
            send(handler, problem, status=404, media_type="application/problem+json")

    with serving_bytes(answer) as url:
        release = RemoteArchive(url).release("a/b")
        assert isinstance(release, PressRelease)
        assert (release.title, release.body, release.published_precision) == ("제목", "머리\n글", "day")
        assert RemoteArchive(url).release("없음") is None


def test_the_help_names_the_option(tmp_path: Path) -> None:
    for command in ("search", "suggest", "mcp"):
        assert "--url" in CliRunner().invoke(main, [command, "--help"]).output
