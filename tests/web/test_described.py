"""The description of the endpoint: what is committed, what may never go, and that the endpoint keeps to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer.schema import filter_facets, shown_facets
from indexer.search.request import search_parameters
from indexer.search.service import SearchService
from tests.support.described import check_operations
from web.api_models import AlternativeParameters, Facets
from web.app import create_app
from web.describe import DOCS, describe_endpoint, keys_of, type_of, write_description, write_tables

CONTRACT = Path(__file__).parent / "v1_contract.txt"
MAKE = "make openapi"
CASES = 300


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return describe_endpoint()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The path and the description of each operation."""
    for path, methods in described["paths"].items():
        assert list(methods) == ["get"]
        yield path, methods["get"]


def contract_of(described: dict[str, Any]) -> list[str]:
    """Each parameter and each key of v1 with its type, one a line."""
    schemas = described["components"]["schemas"]
    lines = []
    for path, operation in operations(described):
        for parameter in operation.get("parameters", ()):
            need = "required" if parameter["required"] else "optional"
            lines.append(f"{path} ?{parameter['name']} {type_of(parameter['schema'])} {need}")
        for status, response in operation["responses"].items():
            for kind, content in response["content"].items():
                schema = content["schema"].get("contentSchema", content["schema"])
                if status != "200":
                    lines.append(f"{path} {status} {kind} {schema['$ref']}")
                elif "$ref" in schema:
                    model = schema["$ref"].rpartition("/")[2]
                    lines += [f"{path} {key} {type_of(schema)}" for key, schema in keys_of(model, schemas)]
    lines += [f"problem {key} {type_of(schema)}" for key, schema in keys_of("Problem", schemas)]
    return lines


def test_the_committed_description_is_the_present_one(described: dict[str, Any]) -> None:
    assert (DOCS / "openapi.json").read_text("utf-8") == write_description(described), MAKE


def test_the_endpoint_hands_out_the_description(client: FlaskClient, described: dict[str, Any]) -> None:
    assert client.get("/api/v1/openapi.json").get_json() == json.loads(json.dumps(described))
    assert described["openapi"].startswith("3.1.")


def test_nothing_of_v1_goes_or_changes_its_type(described: dict[str, Any]) -> None:
    promised, present = CONTRACT.read_text("utf-8").splitlines(), contract_of(described)
    assert set(promised) <= set(present), "v1 keeps its keys: this is gone or has another type"
    assert sorted(set(present) - set(promised)) == [], f"add these lines to {CONTRACT.name}"


def test_a_key_that_goes_is_noticed(described: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(described))
    del changed["components"]["schemas"]["Hit"]["properties"]["title"]
    changed["components"]["schemas"]["Token"]["properties"]["start"]["type"] = "string"
    assert set(contract_of(described)) - set(contract_of(changed)) == {
        "/api/v1/search hits[].title string",
        "/api/v1/search partial[].title string",
        "/api/v1/analyze morphemes[].start integer",
        "/api/v1/analyze bigrams[].start integer",
    }


def test_the_document_has_the_tables_of_the_models(described: dict[str, Any]) -> None:
    text, schemas = (DOCS / "api.md").read_text("utf-8"), described["components"]["schemas"]
    assert text == write_tables(text, schemas), MAKE
    answers = {
        response["content"][kind]["schema"]["$ref"].rpartition("/")[2]
        for _, operation in operations(described)
        for response in operation["responses"].values()
        for kind in response["content"]
        if "$ref" in response["content"][kind]["schema"]
    }
    assert answers | {"StreamedRelease"} == set(re.findall(r"<!-- keys: (\w+)", text))


def test_the_document_names_every_parameter_and_no_other(described: dict[str, Any]) -> None:
    text = (DOCS / "api.md").read_text("utf-8")
    for path, operation in operations(described):
        if parameters := operation.get("parameters"):
            heading = f"## `GET {path.replace('release_id', 'id')}`"
            section = text.split(heading + "\n")[1].split("\n## ")[0]
            table = section.partition("| 매개변수 |")[2].partition("\n\n")[0]
            names = [
                name
                for row in re.findall(r"^\| (`.*?) \|", table, re.M)
                for name in re.findall(r"`(\w+)`", row)
            ]
            assert set(names) == {one["name"] for one in parameters if one["in"] == "query"}, path


def test_everything_has_a_meaning_and_an_example(described: dict[str, Any]) -> None:
    for path, operation in operations(described):
        assert operation["summary"]
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], path
            assert parameter["example"], path
    for name, model in described["components"]["schemas"].items():
        assert model["description"], name
        for key, schema in model["properties"].items():
            is_model = "$ref" in str(schema)
            assert is_model or schema["description"], (name, key)
            assert is_model or len(schema["examples"]) == 1, (name, key)


def test_the_models_have_the_parameters_and_facets_of_the_program(described: dict[str, Any]) -> None:
    search = described["paths"]["/api/v1/search"]["get"]["parameters"]
    assert {parameter["name"] for parameter in search} == {*search_parameters(), "highlight"}
    assert set(Facets.model_fields) == set(shown_facets())
    filters = {facet.name for facet in filter_facets()}
    assert set(AlternativeParameters.model_fields) >= filters


def test_the_endpoint_keeps_to_its_description(service: SearchService) -> None:
    check_operations(create_app(service), cases=CASES)
