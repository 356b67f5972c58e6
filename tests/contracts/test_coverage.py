"""The contract suite asks for everything that the port has."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import get_args

import pytest

from indexer.engine import capabilities, port, query, requests
from tests.contracts import engine_contract
from tests.support import engines, snapshots

SOURCES = [Path(str(module.__file__)).read_text("utf-8") for module in (engine_contract, engines, snapshots)]
TREES = [ast.parse(source) for source in SOURCES]
CALLED = {node.attr for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
    keyword.arg
    for tree in TREES
    for node in ast.walk(tree)
    if isinstance(node, ast.Call)
    for keyword in node.keywords
}
MADE = {
    node.func.id
    for tree in TREES
    for node in ast.walk(tree)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
}


def members() -> list[str]:
    """Each method and property of the port's protocols."""
    protocols = [
        value
        for module in (port, capabilities)
        for value in vars(module).values()
        if inspect.isclass(value)
        and getattr(value, "_is_protocol", False)
        and value.__module__ == module.__name__
    ]
    return sorted(
        f"{protocol.__name__}.{name}"
        for protocol in protocols
        for name, value in vars(protocol).items()
        if not name.startswith("_") and (callable(value) or isinstance(value, property))
    )


def fields() -> list[str]:
    """Each field of what is asked."""
    return sorted(
        f"{asked.__name__}.{name}"
        for asked in (requests.Search, requests.TopK, requests.Filters)
        for name in asked.__dataclass_fields__
    )


def test_there_is_something_to_compare() -> None:
    assert len(members()) > 25
    assert "Snapshot.search" in members()
    assert "PhraseDictionary.complete" in members()


@pytest.mark.parametrize("member", members())
def test_every_member_of_the_port_is_asked_for(member: str) -> None:
    assert member.rpartition(".")[2] in CALLED


@pytest.mark.parametrize("field", fields())
def test_every_part_of_a_request_is_asked_for(field: str) -> None:
    assert field.rpartition(".")[2] in CALLED


@pytest.mark.parametrize("node", [node.__name__ for node in get_args(query.Node)])
def test_every_node_is_asked_for(node: str) -> None:
    assert node in MADE
