"""Static files: kept for a year by the digest of their bytes, and only by that."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import web.static_files
from indexer.search.service import SearchService
from web.app import create_app
from web.static_files import digests_of, static_url

FOLDER = Path(web.static_files.__file__).parent / "static"
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_kept_for_a_year(client: FlaskClient, name: str) -> None:
    address = f"/static/{name}?v={digests_of(FOLDER)[name]}"
    with client.get(address) as response:
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.get_data() == (FOLDER / name).read_bytes()
        tag = response.headers["ETag"]
    with client.get(address, headers={"If-None-Match": tag}) as again, client.head(address) as head:
        assert (again.status_code, head.status_code) == (304, 200)
        for response in (again, head):
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "query", ["", "?v=", "?v=0123456789ab", "?w={digest}", "?v={digest}0", "?v=%00", "?v=x&v={digest}"]
)
def test_under_another_digest_it_is_asked_for_again(client: FlaskClient, query: str) -> None:
    with client.get("/static/bodo.css" + query.format(digest=digests_of(FOLDER)["bodo.css"])) as response:
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-cache"


def test_changed_bytes_have_another_address(
    service: SearchService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses: list[list[str]] = []
    for text in ("", "/* 고침 */", ""):
        folder = tmp_path / f"{len(addresses)}"
        shutil.copytree(FOLDER, folder)
        (folder / "bodo.css").write_text((FOLDER / "bodo.css").read_text("utf-8") + text, "utf-8")
        monkeypatch.setattr(web.static_files, "STATIC", folder)
        page = create_app(service).test_client().get("/").text
        addresses.append(re.findall(r'"(/static/bodo\.css[^"]*)"', page))
    assert addresses[0] == addresses[2] != addresses[1]


def test_every_address_of_a_page_is_kept(client: FlaskClient) -> None:
    for path in ("/", "/search?q=하노버", "/help", "/api", "/status", "/trends", "/nothing"):
        addresses = set(re.findall(r'"(/static/[^"]*)"', client.get(path).text))
        assert len(addresses) >= 3
        for address in addresses:
            with client.get(address) as response:
                assert "immutable" in response.headers["Cache-Control"], address


def test_a_template_cannot_name_a_file_that_is_not_there(service: SearchService) -> None:
    with create_app(service).test_request_context(), pytest.raises(KeyError):
        static_url("nothing.css")


ODD = ["nothing.css", "", ".", "..", "./bodo.css", "x/../bodo.css", "%2e/bodo.css", "x/%2e%2e/bodo.css", "../app.py", "%2e%2e/app.py",
       "/etc/passwd", "//bodo.css", "bodo.css/", "bodo.css%00", "%00", "a" * 5_000, "가", "bodo.css\\", "BODO.CSS", "..%5capp.py"]  # fmt: skip


def get_status(client: FlaskClient, name: str) -> int:
    """The status of a file under an odd name. It is never kept."""
    known = digests_of(FOLDER)
    statuses = set()
    for query in ({}, {"v": known["bodo.css"]}):
        with client.get(f"/static/{name}", query_string=query) as response:
            if name not in known or not query:
                assert response.headers["Cache-Control"] == "no-cache"
            assert b"def create_app" not in response.get_data()
            statuses.add(response.status_code)
    (status,) = statuses
    return status


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_another_name_or_none(client: FlaskClient, name: str) -> None:
    assert get_status(client, name) in (200, 404)


@given(
    st.lists(
        st.one_of(st.sampled_from(["bodo.css", "..", ".", "/", "%2f", "%00", "x"]), st.text(max_size=3)),
        max_size=5,
    )
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_is_an_error(client: FlaskClient, pieces: list[str]) -> None:
    name = "".join(pieces).encode("utf-8", "replace").decode().partition("?")[0].partition("#")[0]
    assert get_status(client, name) in (200, 404)
    assert set(digests_of(FOLDER)) == set(NAMES)
