"""The pages and the endpoint over the real service and the first release."""

from __future__ import annotations

from indexer.search.service import SearchService
from web.app import create_app


def test_the_page_and_the_endpoint_give_the_same_answer(first_service: SearchService) -> None:
    client = create_app(first_service).test_client()
    for url in ("/api/v1/search?q=하노버", "/api/v1/search?q=%ED%95%98%EB%85%B8%EB%B2%84"):
        record = client.get(url).get_json()
        assert record["total"] == 1
        (hit,) = record["hits"]
        assert any("<mark>하노버</mark>" in snippet["html"] for snippet in hit["snippets"])
        page = client.get(url.removeprefix("/api/v1")).get_data(as_text=True)
        assert all(snippet["html"] in page for snippet in hit["snippets"])
    release = client.get(hit["url"]).get_data(as_text=True)
    assert "하노버 산업박람회" in release
    assert "댓글" not in release
