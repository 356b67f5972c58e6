"""The settings: an option over the environment over `bodo.toml` over the defaults, and every mistake is told."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.cli.main import main
from indexer.errors import BodoError
from indexer.settings import DECLARED, DEFAULTS, ENGINES, SETTINGS_FILE, Setting, Settings, load_settings

ROOT = Path(__file__).parents[1]
TEXTS = st.text(st.characters(exclude_categories=["C"], exclude_characters='"\\'), min_size=1, max_size=9)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "corpus": TEXTS.map(Path),
    "index": TEXTS.map(Path),
    "analyzer": TEXTS,
    "engine": st.sampled_from(ENGINES),
    "memory_mb": st.integers(128, 10**6),
    "deadline_s": st.floats(0, exclude_min=True),
    "follow_links": st.booleans(),
    "workers": st.integers(1, 64),
    "host": TEXTS,
    "port": st.integers(1, 65_535),
    "cors_origin": TEXTS,
    "rate_limit": TEXTS,
    "trusted_proxies": st.integers(0, 9),
    "site_name": TEXTS,
    "public_url": TEXTS,
    "opensearch_url": TEXTS,
    "opensearch_index": TEXTS,
    "opensearch_user": TEXTS,
    "opensearch_password": TEXTS,
    "opensearch_password_file": TEXTS.map(Path),
    "opensearch_ca_file": TEXTS.map(Path),
    "opensearch_timeout_s": st.floats(0, exclude_min=True),
    "opensearch_shards": st.integers(1, 1_024),
    "opensearch_replicas": st.integers(0, 9),
    "opensearch_keep": st.integers(0, 9),
}


def to_toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, (str, Path)) else str(value).lower()


def load(text: str | bytes, environment: dict[str, str] | None = None) -> Settings:
    with tempfile.TemporaryDirectory() as folder:
        data = text if isinstance(text, bytes) else text.encode()
        Path(folder, SETTINGS_FILE).write_bytes(data)
        return load_settings(environment or {}, Path(folder))


def complaint_of(text: str | bytes, environment: dict[str, str] | None = None) -> BodoError | None:
    try:
        load(text, environment)
    except BodoError as error:
        return error
    return None


@st.composite
def some_settings(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.sets(st.sampled_from(sorted(VALUES))))
    return {name: draw(VALUES[name]) for name in sorted(names)}


@settings(deadline=None)  # it writes files
@given(some_settings(), some_settings())
def test_the_environment_wins_over_the_file_over_the_defaults(
    in_file: dict[str, Any], in_environment: dict[str, Any]
) -> None:
    variables = {name: DECLARED[name].limits.environment for name in in_environment}
    environment = {variables[name]: str(value) for name, value in in_environment.items() if variables[name]}
    text = "".join(f"{name} = {to_toml(value)}\n" for name, value in in_file.items())
    expected = {name: value for name, value in in_environment.items() if variables[name]}
    assert load(text, environment) == replace(DEFAULTS, **{**in_file, **expected})


@settings(deadline=None)  # it writes files
@given(some_settings())
def test_another_process_loads_the_same_from_the_environment(chosen: dict[str, Any]) -> None:
    before = replace(DEFAULTS, **{**chosen, "host": DEFAULTS.host})
    assert load_settings(before.to_environment(), Path("no such folder")) == before


PIECES = st.sampled_from([*DECLARED, "=", " ", "\n", "[", "]", "{", "}", "1", "-", '"', "'", ".", "true", "nan",
                          "1e999", "9" * 400, "0x" + "f" * 5000, "9" * 5000, "2024-01-01", "#", "\\u0000", "[" * 3000])  # fmt: skip


@settings(deadline=None)  # it writes files
@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join), st.binary()))
def test_no_text_of_the_file_is_a_traceback(text: str | bytes) -> None:
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    complaint = complaint_of(text)
    assert complaint is None or (SETTINGS_FILE in complaint.message and complaint.hint)


@settings(deadline=None)  # it writes files
@given(st.sampled_from(sorted(DECLARED)), st.text(st.characters(exclude_characters="\0"), max_size=12))
def test_no_text_of_the_environment_is_a_traceback(name: str, text: str) -> None:
    variable = DECLARED[name].limits.environment or "BODO_HOST"
    complaint = complaint_of("", {variable: text})
    assert complaint is None or (variable in complaint.message and complaint.hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("corpus = 1", "corpus에 쓸 수 없는 값입니다: 1", 'corpus = "corpus"'),
        ('corpus = ""', 'corpus에 쓸 수 없는 값입니다: ""', "경로"),
        ('corpus = "a\\u0000"', "corpus에", "경로"),
        ('coprus = "a"', "모르는 설정입니다: coprus", "corpus, index"),
        ("corpus.a.b = 1", "corpus에 쓸 수 없는 값입니다.", "경로"),
        ("workers = true", "workers에 쓸 수 없는 값입니다: true", "1 이상의 정수"),
        ("workers = 0", "workers에", "1 이상의 정수"),
        ("memory_mb = 64", "memory_mb에 쓸 수 없는 값입니다: 64", "128 이상의 정수(MiB)"),
        ("memory_mb = 512.0", "memory_mb에", "정수"),
        ("deadline_s = 0", "deadline_s에", "0보다 큰 수(초)"),
        ("deadline_s = nan", "deadline_s에", "수"),
        ("deadline_s = " + "9" * 400, "deadline_s에 쓸 수 없는 값입니다.", "수"),
        ("workers = 0x" + "f" * 5000, "workers에 쓸 수 없는 값입니다.", "1 이상의 정수"),
        ("port = 70000", "port에", "1에서 65535까지의 정수"),
        ("follow_links = 1", "follow_links에", "true나 false"),
        ('engine = "lucene"', "engine에 쓸 수 없는 값입니다", "whoosh 또는 memory 또는 opensearch"),
        ("opensearch_password = 12345", "opensearch_password에 쓸 수 없는 값입니다.", "이름"),
        ('index = "a"\n\nindex = "b"\n', "bodo.toml:3: TOML로", "corpus"),
        (b"\xff", "UTF-8이 아닙니다", "UTF-8로"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_the_way_out(text: str | bytes, message: str, hint: str) -> None:
    with pytest.raises(BodoError) as raised:
        load(text)
    assert message in raised.value.message
    assert SETTINGS_FILE in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("variable", "text", "hint"),
    [
        ("BODO_WORKERS", "둘", "1 이상의 정수. 예: BODO_WORKERS=1"),
        ("BODO_DEADLINE_S", "nan", "BODO_DEADLINE_S=1.0"),
        ("BODO_FOLLOW_LINKS", "maybe", "true나 false"),
        ("BODO_ENGINE", "lucene", "whoosh 또는 memory"),
        ("BODO_ANALYZER", os.fsdecode(b"\xff"), "이름"),
        ("PORT", "0", "1에서 65535까지의"),
    ],
)
def test_a_mistake_in_the_environment_is_told_with_the_way_out(variable: str, text: str, hint: str) -> None:
    with pytest.raises(BodoError, match=f"환경 변수 {variable}에") as raised:
        load("", {variable: text})
    assert hint in raised.value.hint


def test_a_byte_order_mark_and_empty_variables_are_nothing() -> None:
    assert load("\ufeffworkers = 2").workers == 2
    assert load("workers = 2", {"BODO_WORKERS": ""}).workers == 2
    assert load("", {"BODO_SERVICE_HOST": "10.0.0.1"}) == DEFAULTS
    assert load("deadline_s = 2").deadline_s == 2.0


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).mkdir()
    with pytest.raises(BodoError, match=SETTINGS_FILE):
        load_settings({}, tmp_path)


# The commands


@pytest.fixture
def bodo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in a folder with this `bodo.toml` and these variables."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, file: str = "", environment: dict[str, str] | None = None) -> Result:
        Path(SETTINGS_FILE).write_text(file, "utf-8")
        variables = {setting.limits.environment: None for setting in DECLARED.values()}
        return CliRunner(env={**variables, **(environment or {})}).invoke(main, arguments)

    return run


def test_a_command_obeys_option_environment_and_file_in_this_order(bodo: Callable[..., Result]) -> None:
    for name in ("a", "b", "c"):
        Path(name).mkdir()
        Path(name, "dictionary.txt").write_text(f"{name}{name}사전\n", "utf-8")
    file, environment = 'corpus = "a"\n', {"BODO_CORPUS": "b"}
    assert bodo("dict", "list", file=file).output == "aa사전\n"
    assert bodo("dict", "list", file=file, environment=environment).output == "bb사전\n"
    chosen = bodo("dict", "list", "--corpus", "c", file=file, environment=environment)
    assert chosen.output == "cc사전\n"


def test_help_shows_the_effective_default_and_the_variable(bodo: Callable[..., Result]) -> None:
    shown = " ".join(bodo("reindex", "--help", file="memory_mb = 512\nfollow_links = true\n").output.split())
    assert "[env var: BODO_MEMORY_MB; default: 512; x>=128]" in shown
    assert "[env var: BODO_FOLLOW_LINKS; default: True]" in shown
    shown = " ".join(bodo("serve", "--help", environment={"PORT": "9000"}).output.split())
    assert "[env var: PORT; default: 9000; 1<=x<=65535]" in shown
    assert "[env var: BODO_DEADLINE_S; default: 1.0; x>0]" in shown


def test_help_is_there_whatever_the_file_says(bodo: Callable[..., Result]) -> None:
    done = bodo("reindex", "--help", file="=")
    assert (done.exit_code, "default: 1024" in done.output) == (0, True)


@pytest.mark.parametrize("command", [("stats",), ("dict", "list"), ("reindex",), ("serve",)])
def test_a_mistake_stops_a_command_without_a_traceback(
    bodo: Callable[..., Result], command: tuple[str, ...]
) -> None:
    for mistake in ({"file": "workers = 0"}, {"environment": {"BODO_WORKERS": "0"}}):
        done = bodo(*command, **mistake)
        assert done.exit_code == 1
        assert "오류:" in done.stderr
        assert "1 이상의 정수" in done.stderr
        assert "Traceback" not in done.output


# The documents


def documented() -> dict[str, list[str]]:
    guide = (
        (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## 설정\n")[2].partition("\n## ")[0]
    )
    rows = [re.split(r"\s+\|\s+", row.strip("| ")) for row in guide.splitlines() if row.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_every_setting_is_documented_and_no_other() -> None:
    rows = documented()
    assert list(rows) == list(DECLARED)
    for name, (variable, expectation, default, *_) in rows.items():
        setting: Setting = DECLARED[name]
        assert variable == (f"`{setting.limits.environment}`" if setting.limits.environment else "-")
        assert expectation == setting.expectation
        assert default == f"`{to_toml(setting.default)}`"


def test_the_example_in_the_readme_is_right() -> None:
    example = (ROOT / "README.md").read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    assert tomllib.loads(example)
    load(example)
