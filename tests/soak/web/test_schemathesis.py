"""More than 10,000 requests that schemathesis makes of the description, to a server: every answer is as described.

BODO_SOAK_CASES asks for another number.
"""

from __future__ import annotations

import os

import pytest

from indexer.search.service import SearchService
from tests.support.described import check_operations
from web.app import create_app

CASES = int(os.environ.get("BODO_SOAK_CASES", "12000"))
pytestmark = pytest.mark.soak


def test_every_answer_is_as_described(first_service: SearchService) -> None:
    asked = check_operations(create_app(first_service), cases=CASES)
    print(f"schemathesis: {asked:,} requests, 0 failures")
