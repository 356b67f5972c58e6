"""`bodo dict`: the user dictionary from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from indexer.cli.options import corpus_option, pass_settings
from indexer.cli.printing import printable
from indexer.curation.dictionary import Dictionary, read_entry
from indexer.curation.files import DICTIONARY, curated_file_path, read_curated_file
from indexer.errors import BodoError
from indexer.files import changing, way_out, write_durably
from indexer.settings import Settings

_APPLY = "`bodo reindex`를 실행하면 그 낱말이 있는 보도자료만 다시 분석합니다."


@click.group("dict")
def dict_command() -> None:
    """사용자 사전(corpus/dictionary.txt)을 봅니다, 고칩니다."""


@dict_command.command("list")
@corpus_option
@pass_settings
def list_command(settings: Settings) -> None:
    """사전의 낱말을 보입니다."""
    for entry in _read(settings.corpus).entries.values():
        click.echo(str(entry))


@dict_command.command("check")
@corpus_option
@pass_settings
def check_command(settings: Settings) -> None:
    """사전에 잘못된 줄이 있는지 봅니다. 있으면 상태 1로 끝납니다."""
    dictionary = _read(settings.corpus)
    for problem in dictionary.problems:
        click.echo(f"{DICTIONARY}:{problem.line}: {printable(problem.reason)}", err=True)
    click.echo(f"낱말 {len(dictionary.entries):,}개, 잘못된 줄 {len(dictionary.problems):,}개")
    if dictionary.problems:
        sys.exit(1)


@dict_command.command("add")
@click.argument("word")
@click.argument("tag", required=False)
@click.argument("parts", required=False)
@corpus_option
@pass_settings
def add_command(settings: Settings, word: str, tag: str | None, parts: str | None) -> None:
    """낱말을 더합니다. 예: bodo dict add 다쏘시스템 NNP 다쏘+시스템."""
    corpus = settings.corpus
    try:
        entry = read_entry(" ".join(filter(None, (word, tag, parts))))
    except ValueError as error:
        raise BodoError(str(error), "bodo dict add --help를 보세요.") from error
    _read(corpus)
    with changing(corpus):
        dictionary = _read(corpus)
        if entry.word in dictionary.entries:
            raise BodoError(
                f"이미 있는 낱말입니다: {dictionary.entries[entry.word]}", "먼저 bodo dict remove로 지우세요."
            )
        _write(corpus, dictionary.text_with(entry))
    click.echo(f"더했습니다: {entry}. {_APPLY}")


@dict_command.command("remove")
@click.argument("word")
@corpus_option
@pass_settings
def remove_command(settings: Settings, word: str) -> None:
    """낱말을 지웁니다."""
    corpus = settings.corpus
    _read(corpus)
    with changing(corpus):
        dictionary = _read(corpus)
        known = next(iter(Dictionary(word).entries.keys() & dictionary.entries.keys()), None)
        if known is None:
            raise BodoError(f"사전에 없는 낱말입니다: {word}", "bodo dict list로 확인하세요.")
        _write(corpus, dictionary.text_without(known))
    click.echo(f"지웠습니다: {printable(word)}. {_APPLY}")


def _write(corpus: Path, text: str) -> None:
    path = curated_file_path(corpus, DICTIONARY)
    try:
        write_durably(path, text.encode())
    except OSError as error:
        raise BodoError(
            f"{path} 파일을 쓸 수 없습니다({error.strerror}). 앞의 사전은 그대로입니다.", way_out(error)
        ) from error


def _read(corpus: Path) -> Dictionary:
    """The dictionary of a corpus folder. Raises BodoError where there is no such folder."""
    if not corpus.is_dir():
        raise BodoError(f"보도자료 폴더가 아닙니다: {corpus}", "--corpus로 폴더를 지정하세요.")
    return Dictionary(read_curated_file(corpus, DICTIONARY) or "")
