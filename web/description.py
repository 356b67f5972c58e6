"""The description of the endpoint: OpenAPI 3.1, made from the models (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel

from web.api_models import Problem
from web.api_release_models import StreamedRelease

Described = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])
INFO = Info(
    title="bodo",
    version="1",
    description="한국어 보도자료 검색. v1 안에서 키는 늘어날 수 있지만 이름이 바뀌거나 없어지지는 않습니다.",
)
_PROBLEM_REASONS = {
    400: "매개변수가 없거나 틀렸거나, 모르는 것이거나, 한 번만 쓸 것을 되풀이함",
    405: "`GET`이 아닌 요청",
    413: "요청의 본문이 너무 큼",
    414: "주소가 너무 김",
    429: "요청이 너무 잦음. `Retry-After`가 언제 다시 물으면 되는지 알려 줍니다",
    500: "서버의 잘못",
    503: "색인을 열 수 없거나 기다리는 사람이 너무 많음. `Retry-After`가 언제 다시 물으면 되는지 알려 줍니다",
}
_GONE = "`cursor`의 색인 세대가 사라짐. 첫 쪽부터 다시 요청하세요"
_MISSING = "이 id의 보도자료가 없음"
_LINES_TYPE = "application/x-ndjson"


def _problem(reason: str) -> Described:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": reason, "content": {"application/problem+json": {"schema": schema}}}


# What every operation may answer.
PROBLEMS: dict[str | int, Any] = {status: _problem(reason) for status, reason in _PROBLEM_REASONS.items()}
# An answer of lines, each a JSON object.
LINES: Described = {
    "description": "한 줄에 보도자료 하나(JSON). 줄은 `StreamedRelease`입니다",
    "content": {_LINES_TYPE: {"schema": {"type": "string"}}},
}


def describe(
    name: str,
    summary: str,
    answer: type[BaseModel] | Described | None,
    *,
    gone: bool = False,
    missing: bool = False,
) -> dict[str, Any]:
    """What flask-openapi3 is told of an operation: its name, what it does, and what it answers. `gone`: its
    cursor may expire. `missing`: what it names may not be there.
    """
    anything: Described = {
        "description": "OpenAPI 3.1",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    responses: dict[int, Any] = {200: anything if answer is None else answer}
    if missing:
        responses[404] = _problem(_MISSING)
    if gone:
        responses[410] = _problem(_GONE)
    return {"operation_id": name, "summary": summary, "responses": responses}


def reads(model: type[BaseModel]) -> Callable[[View], View]:
    """Let flask-openapi3 read the query string of a view by `model`, which is made while the program runs."""

    def annotate(view: View) -> View:
        view.__annotations__["query"] = model
        return view

    return annotate


def of(app: Flask) -> OpenAPI:
    """The application that describes itself."""
    if not isinstance(app, OpenAPI):
        raise TypeError("create_app makes an OpenAPI application")
    return app


def document(app: OpenAPI) -> Described:
    """The description, as JSON values. flask-openapi3 writes what OpenAPI 3.0 has as well; what 3.1 took from
    JSON Schema is put in its place: `examples`, and `contentSchema` for the lines of a stream.
    """
    described: Described = copy.deepcopy(app.api_doc)
    # flask-openapi3 writes null where there are none.
    del described["components"]["securitySchemes"]
    schemas = described["components"]["schemas"]
    line = StreamedRelease.model_json_schema(ref_template="#/components/schemas/{model}")
    # The other answers have the models that it is made of.
    line.pop("$defs")
    schemas[StreamedRelease.__name__] = line
    for model in schemas.values():
        for schema in model.get("properties", {}).values():
            _tidy(schema)
            if "example" in schema:
                schema["examples"] = [schema.pop("example")]
    for path in described["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                _tidy(parameter["schema"])
            lines = operation["responses"]["200"]["content"].get(_LINES_TYPE)
            if lines:
                reference = {"$ref": f"#/components/schemas/{StreamedRelease.__name__}"}
                lines["schema"] |= {"contentMediaType": _LINES_TYPE, "contentSchema": reference}
    return described


def _tidy(schema: Described) -> None:
    """Take out the titles that pydantic makes of the names, and write whole numbers as such."""
    schema.pop("title", None)
    for name in ("minimum", "maximum"):
        if name in schema:
            schema[name] = int(schema[name])
