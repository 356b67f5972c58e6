"""What reaches a terminal: no control characters, and one line for what is logged."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from indexer.cli.printing import log_to_stderr, plain, printable
from tests.support.desk import Desk

HOSTILE = "\x1b]0;가짜\x07\u202e[red]"


@given(st.text())
def test_any_text_is_printed_as_it_is_but_for_what_is_not_printable(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    console = Console(soft_wrap=True)
    with console.capture() as capture:
        console.print(plain(text))
    assert capture.get() == f"{shown}\n"


def test_what_is_logged_is_one_plain_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    package = logging.getLogger("indexer")
    before = list(package.handlers)
    try:
        log_to_stderr()
        log_to_stderr()
        logging.getLogger("indexer.search.service").warning("손상 %s\n할 일", HOSTILE)
        logging.getLogger("indexer.search.service").info("아무것도")
    finally:
        package.handlers = before
    assert capsys.readouterr().err == f"손상 {printable(HOSTILE)} 할 일\n"


def test_a_file_cannot_command_the_terminal(desk: Desk) -> None:
    (desk.corpus / "나쁜.jsonl").write_text(
        '{"title": "제목\\u001b]0;가짜\\u0007[red]", "body": "글이다.", "outlet": "\\u202e시"}\n', "utf-8"
    )
    (desk.corpus / "dictionary.txt").write_text(f"{HOSTILE}\n", "utf-8")
    outputs = [
        desk.run("inspect", desk.corpus),
        desk.run("reindex"),
        desk.run("search", "글이다"),
        desk.run("search", f"{HOSTILE} 글이다"),
        desk.run("explain", HOSTILE, *desk.search_ids("글이다")),
        desk.run("analyze", HOSTILE),
    ]
    for done in outputs:
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert all(char.isprintable() or char == "\n" for char in done.output), done.output
