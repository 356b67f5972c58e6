"""`bodo analyze`: how a text is cut into terms."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click
from rich.console import Console
from rich.table import Table

from indexer.analysis import Analyzer, Token
from indexer.cli.options import analyzer_option, corpus_option, json_option, pass_settings
from indexer.cli.printing import plain, print_json
from indexer.curation.dictionary import Dictionary
from indexer.curation.files import DICTIONARY, read_curated_files
from indexer.json_records import analysis_record
from indexer.settings import Settings


@click.command("analyze")
@click.argument("text")
@corpus_option
@analyzer_option
@json_option
@pass_settings
def analyze_command(settings: Settings, text: str, as_json: bool) -> None:
    """TEXT가 어떤 형태소와 음절쌍으로 나뉘어 색인되는지 보입니다. TEXT가 -이면 표준 입력을 읽습니다.

    사용자 사전은 corpus의 것을 씁니다. 규칙은 그 형태소를 만든 것입니다: word(사전의 낱말), compound(복합어),
    part(그 부분), stem(활용어의 원형), reading(한자의 소리), number(수), prefix(뜻을 뒤집는 접두사), user와
    user-part(사용자 사전). 음절쌍의 |는 형태소가 나뉘는 곳, !는 홀로 찾히지 않는 자리입니다.
    """
    if text == "-":
        text = sys.stdin.read()
    curated_files = read_curated_files(settings.corpus) if settings.corpus.exists() else {}
    analyzer = Analyzer(settings.analyzer, Dictionary(curated_files.get(DICTIONARY, "")))
    try:
        morphemes, bigrams = analyzer.tokens(text), analyzer.bigrams(text)
    finally:
        analyzer.close()
    if as_json:
        streams = {"morphemes": morphemes, "bigrams": bigrams}
        print_json(analysis_record(text, analyzer.identity, streams))
        return
    console = Console()
    console.print(_table_of_morphemes(text, morphemes))
    console.print()
    console.print(_table_of_bigrams(bigrams))


def _table_of_morphemes(text: str, tokens: Iterable[Token]) -> Table:
    table = Table("자리", "형태소", "본문", "글자", "품사", "규칙", box=None, header_style="bold")
    for token in tokens:
        surface, chars = text[token.start : token.end], f"{token.start}-{token.end}"
        table.add_row(str(token.position), plain(token.term), plain(surface), chars, token.tag, token.rule)
    return table


def _table_of_bigrams(tokens: Iterable[Token]) -> Table:
    table = Table("자리", "음절쌍", "글자", "경계", box=None, header_style="bold")
    for token in tokens:
        chars = f"{token.start}-{token.end}"
        table.add_row(str(token.position), plain(token.term), chars, plain(token.tag))
    return table
