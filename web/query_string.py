"""A query string as a pydantic model, which checks parameters, describes them, and complains in Korean."""

from __future__ import annotations

from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from indexer.errors import RequestError


def given(meaning: str, example: object, *, default: Any = ..., **described: Any) -> Any:  # noqa: ANN401
    """A parameter: what it means, and what JSON Schema says of it. What pydantic itself knows (`alias`, `ge`,
    `le`, `min_length`, `max_length`) it checks; the rest is described only.
    """
    checked = {
        name: described.pop(name)
        for name in ("alias", "ge", "le", "min_length", "max_length")
        if name in described
    }

    def describe(schema: dict[str, Any]) -> None:
        schema.update(described, example=example)
        # A query string has neither null nor an empty list.
        if schema.get("default", ...) in (None, []):
            del schema["default"]

    return Field(default, description=meaning, json_schema_extra=describe, **checked)


class QueryString(BaseModel):
    """Parameters of a URL. Validating raises RequestError, which names the parameter at fault."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as in pydantic
        """The schema, made once: flask-openapi3 asks for it at every request. Nobody may change it."""
        return _make_schema(cls, args, tuple(options.items()))

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401 - as in pydantic
        """Read the parameters. Raises RequestError instead of ValidationError."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise cls._explain(error) from error

    @classmethod
    def _explain(cls, failure: ValidationError) -> RequestError:
        # A name that is unknown explains best why another is missing.
        error = min(failure.errors(), key=lambda error: error["type"] != "extra_forbidden")
        name = str(error["loc"][0])
        known = cls.model_json_schema().get("properties", {})
        if error["type"] == "extra_forbidden":
            names = f"쓸 수 있는 매개변수는 {', '.join(known)}입니다." if known else "매개변수를 모두 빼세요."
            hint = f"{names} 값 안의 &는 %26으로 적으세요."
            return RequestError(name, f"모르는 매개변수입니다: {name}", hint)
        example = known[name]["example"]
        first = example[0] if isinstance(example, list) else example
        return RequestError(name, _complaint(error, known[name]), f"{name}={first}처럼 적으세요.")


@cache
def _make_schema(
    model: type[QueryString], args: tuple[Any, ...], options: tuple[tuple[str, Any], ...]
) -> dict[str, Any]:
    return super(QueryString, model).model_json_schema(*args, **dict(options))


def _complaint(error: ErrorDetails, schema: dict[str, Any]) -> str:
    """What is wrong with a parameter, by the kind of pydantic's error and the schema of the parameter."""
    name = error["loc"][0]
    match error["type"]:
        case "missing":
            return f"꼭 있어야 하는 매개변수입니다: {name}"
        case "literal_error":
            choices = schema.get("enum") or [schema["const"]]
            return f"{name}에 쓸 수 있는 값: {', '.join(choices)}"
        case "greater_than_equal" | "less_than_equal":
            return f"{name}의 값은 {schema['minimum']:,}에서 {schema['maximum']:,}까지입니다."
        case "string_too_long" | "too_long":
            unit = "자" if isinstance(error["input"], str) else "개"
            return f"{name}의 값은 {error['ctx']['max_length']:,}{unit}까지입니다."
    return f"쓸 수 없는 값입니다: {name}"
