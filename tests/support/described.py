"""schemathesis over the description of the endpoint: requests that it allows, and some that it does not."""

from __future__ import annotations

from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, Config, GenerationMode
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.result import Ok, Result

from indexer.search.request import MAX_VALUES_CHARS

# Over WSGI schemathesis does not undo a compression.
_PLAIN = {"Accept-Encoding": "identity"}
Operation = APIOperation[Any, Any, Any, Any]


def check_operations(app: Flask, cases: int) -> int:
    """Ask `app` about `cases` times in all, each operation as often as the others, and make every check of
    schemathesis. Raises the failures. Returns how many requests were made.
    """
    config = Config()
    # No parameter may hold a NUL, which JSON Schema can hardly say. tests/web/test_api.py asks with one.
    config.projects.default.generation.allow_x00 = False
    rejection = config.projects.default.checks.negative_data_rejection
    # What is wrong may be its length.
    rejection.expected_statuses = [*rejection.expected_statuses, "414"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
    operations = [_operation(result) for result in schema.get_all_operations()]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    each = max(1, cases // (len(operations) * len(modes)))
    return sum(_check(operation, mode, each) for operation in operations for mode in modes)


def _check(operation: Operation, mode: GenerationMode, cases: int) -> int:
    """Ask for one operation, as it is described or not. Returns how many requests were made."""
    if not operation.definition.raw.get("parameters"):
        # There is nothing to choose.
        cases, mode = 1, GenerationMode.POSITIVE
    asked = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=cases,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        database=None,
        deadline=None,
    )
    def ask(case: Case[Any]) -> None:
        nonlocal asked
        asked += 1
        if mode is GenerationMode.POSITIVE:
            _allow(case.query)
        case.call_and_validate(headers=_PLAIN)

    ask()
    return asked


def _operation(result: Result[Operation, InvalidSchema]) -> Operation:
    assert isinstance(result, Ok), result
    return result.ok()


def _allow(query: dict[str, Any]) -> None:
    """Take out what the description cannot say: the values of a filter have a length together, `from` is not
    behind `to`, a cursor is one that an answer had, and some control characters are blank (`str.isspace`).
    """
    query.pop("cursor", None)
    queries = query.get("q", [])
    if any(not text.strip() for text in ([queries] if isinstance(queries, str) else queries)):
        query["q"] = "가"
    if query.get("from", "") > query.get("to", "~"):
        query["from"], query["to"] = query["to"], query["from"]
    for name in ("outlet", "department", "reporter"):
        values = query.get(name)
        if values and sum(map(len, values)) > MAX_VALUES_CHARS:
            query[name] = values[:1]
