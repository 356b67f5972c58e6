"""What the repository promises to people who work on it."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from indexer import __version__
from tests.conftest import ROOT

TEST_MODULES = sorted((ROOT / "tests").rglob("*.py"))
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
KOREAN, ENGLISH = GUIDE.split("\n# Contributing\n")
# What a recipe tells to make.
NEW_FILES = {"indexer/sources/formats/odt.py"}


def imported_modules(path: Path) -> set[str]:
    """The full names that a module imports, of modules or of what is in them."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_no_test_module_is_imported() -> None:
    test_names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in TEST_MODULES}
    test_names = {name for name in test_names if re.search(r"\.test_\w+$|^tests\.soak\.", name)}
    assert len(test_names) > 50
    imports = [
        (path.relative_to(ROOT), name)
        for path in TEST_MODULES
        for name in imported_modules(path)
        if name in test_names or name.rpartition(".")[0] in test_names
    ]
    assert imports == []


def test_the_folders_of_tests_are_those_of_the_packages() -> None:
    packages = {path.parent.name for path in (ROOT / "indexer").glob("*/__init__.py")}
    # What tests the whole program, or is no package of ours.
    others = {"answers", "benchmarks", "browser", "contracts", "relevance", "soak", "support", "web"}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
    assert folders - others <= packages
    modules = {path.stem for path in (ROOT / "indexer").glob("*.py")} | {"operations", "repository"}
    assert {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")} <= modules


def test_make_help_lists_every_target() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = [line.split()[1] for line in shown.splitlines() if line.startswith("make ")]
    assert sorted(listed) == sorted(targets.split())


def test_make_reaches_nothing_outside_of_the_repository() -> None:
    assert ".." not in MAKEFILE
    assert "/work" not in MAKEFILE


@pytest.mark.parametrize("language", [KOREAN, ENGLISH], ids=["Korean", "English"])
def test_the_files_that_the_guide_names_are_there(language: str) -> None:
    commands = re.findall(r"^\.venv/bin/python -m pytest (\S+)", language, re.MULTILINE)
    modules = [name.replace(".", "/") + ".py" for name in re.findall(r"python -m (tests\.[\w.]+)", language)]
    paths = re.findall(r"`([\w./-]+)`", language)
    paths = [path for path in paths if re.match(r"(indexer|web|tests|docs|corpus)/|[\w-]+\.(md|toml)$", path)]
    assert len(paths) > 30
    missing = [path for path in (*commands, *modules, *paths) if not (ROOT / path).exists()]
    assert set(missing) == NEW_FILES


def test_the_names_that_the_guide_names_are_there() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (*(ROOT / "indexer").rglob("*.py"), *TEST_MODULES))
    names = set(re.findall(r"`(_?[A-Z][A-Z_]{3,}|[A-Z]\w+[a-z]|[a-z]+_[a-z_]+)`", GUIDE))
    assert {"FACETS", "EngineContract", "open_engine", "_DOCUMENT_READERS"} <= names
    assert not [name for name in names - {"Unreleased"} if not re.search(rf"\b{name}\b", code)]


def test_both_languages_name_the_same_files() -> None:
    korean, english = (
        set(re.findall(r"`((?:indexer|tests|docs)/[\w./]+)`", text)) for text in (KOREAN, ENGLISH)
    )
    assert korean == english


def test_the_version_is_in_the_change_log() -> None:
    assert f"## [{__version__}] - " in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("package", ["indexer", "web"])
def test_the_packages_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
