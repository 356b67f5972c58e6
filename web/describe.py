"""`python -m web.describe` writes docs/openapi.json, and the tables of keys in docs/api.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from indexer.settings import DEFAULTS
from web.app import open_app
from web.description import document, of

DOCS = Path(__file__).parent.parent / "docs"
# Where a table of docs/api.md stands: the model it tells of, and one whose keys it leaves out.
_TABLE = re.compile(r"(<!-- keys: (\w+)(?: except (\w+))? -->\n\n)(?:\|.*\n)*")


class Key(NamedTuple):
    """A key of an answer by its dotted path, `[]` for the entries of a list, and its JSON Schema."""

    path: str
    schema: dict[str, Any]


def describe_endpoint() -> dict[str, Any]:
    """The description. Needs no index."""
    return document(of(open_app(DEFAULTS)))


def keys_of(model: str, schemas: dict[str, Any], expanded: set[str] | None = None) -> Iterator[Key]:
    """The keys of a model, those of the models inside it among them. A model in `expanded`, to which others
    are added, is not entered again.
    """
    for name, schema in schemas[model]["properties"].items():
        yield Key(name, schema)
        inner = _model_of(schema)
        if inner and (expanded is None or inner not in expanded):
            if expanded is not None:
                expanded.add(inner)
            path = f"{name}[]" if schema.get("type") == "array" else name
            yield from (Key(f"{path}.{key}", found) for key, found in keys_of(inner, schemas, expanded))


def type_of(schema: dict[str, Any]) -> str:
    """The type of a value in short: `string`, `[integer]` for a list, `string|null`."""
    if "$ref" in schema:
        return "object"
    if "anyOf" in schema:
        return "|".join(type_of(choice) for choice in schema["anyOf"])
    if schema["type"] == "array":
        return f"[{type_of(schema['items'])}]"
    return str(schema["type"])


def write_tables(text: str, schemas: dict[str, Any]) -> str:
    """A document with the tables that its marks name. What a model means is said once in it."""
    expanded: set[str] = set()

    def table(match: re.Match[str]) -> str:
        mark, model, left_out = match.groups()
        known = set(schemas[left_out]["properties"]) if left_out else set()
        rows = [
            f"| `{path}` | {schema['description']} |\n"
            for path, schema in keys_of(model, schemas, expanded)
            if "description" in schema and path not in known
        ]
        return "".join([mark, "| 키 | 뜻 |\n|---|---|\n", *rows])

    return _TABLE.sub(table, text)


def write_description(description: dict[str, Any]) -> str:
    """The description as the text of docs/openapi.json."""
    return json.dumps(description, ensure_ascii=False, indent=1) + "\n"


def _model_of(schema: dict[str, Any]) -> str:
    """The name of the model that a value is, or that the entries of a list are; '' for neither."""
    choices = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    references = [choice["$ref"] for choice in choices if "$ref" in choice]
    return references[0].rpartition("/")[2] if references else ""


def main() -> None:
    """Write both files."""
    description = describe_endpoint()
    (DOCS / "openapi.json").write_text(write_description(description), "utf-8")
    path = DOCS / "api.md"
    path.write_text(write_tables(path.read_text("utf-8"), description["components"]["schemas"]), "utf-8")


if __name__ == "__main__":
    main()
