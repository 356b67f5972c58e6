"""`bodo eval`: relevance measured on a judged set."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import get_args

import click

from indexer.analysis import Analyzer
from indexer.bootstrap import open_engine
from indexer.cli.options import analyzer_option, index_option, json_option, pass_settings
from indexer.cli.printing import print_json, printable
from indexer.engine import Snapshot
from indexer.evaluation.judged import (
    METRICS,
    Passes,
    Spacing,
    Streams,
    compare,
    evaluate,
    read_documents,
    read_judged_set,
    read_run,
    write_run,
)
from indexer.evaluation.precision import WordPrecision, measure_precision, read_list
from indexer.json_records import evaluation_record, precision_record
from indexer.settings import Settings


@click.command("eval")
@click.argument(
    "judged", metavar="[DIR]", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@index_option
@analyzer_option
@click.option(
    "--streams",
    type=click.Choice(get_args(Streams)),
    default="both",
    show_default=True,
    help="점수를 매길 토큰: 둘 다, 형태소만, 음절쌍만.",
)
@click.option(
    "--spacing",
    type=click.Choice(get_args(Spacing)),
    default="as-is",
    show_default=True,
    help="질의의 띄어쓰기: 그대로, 모두 붙임, 네 음절이 넘는 낱말마다 잘못 띔.",
)
@click.option(
    "--passes",
    type=click.Choice(get_args(Passes)),
    default="both",
    show_default=True,
    help="순위의 단계: 둘 다, 첫 단계만.",
)
@click.option(
    "--runs", type=click.Path(path_type=Path, dir_okay=False), help="결과를 TREC 실행 파일로 씁니다."
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="다른 TREC 실행 파일과 견줍니다(짝지은 붓스트랩, 95 % 구간).",
)
@click.option(
    "--precision",
    "words",
    metavar="WORDS",
    help="낱말들(쉼표로 잇거나 한 줄에 하나씩 쓴 파일)을 낱말로 찾는지.",
)
@json_option
@pass_settings
def eval_command(
    settings: Settings,
    judged: Path | None,
    streams: Streams,
    spacing: Spacing,
    passes: Passes,
    runs: Path | None,
    against: Path | None,
    words: str | None,
    as_json: bool,
) -> None:
    """DIR의 판정 집합(BEIR 형식)으로 검색이 얼마나 잘 찾는지 잽니다.

    질의의 낱말 가운데 하나라도 있으면 찾습니다. DIR에 corpus.jsonl이 있으면 그것을
    색인해서 재고, 없으면 --index의 색인에서 잽니다.

    --precision은 판정 없이 잽니다: 낱말마다 찾은 것 가운데 글자가 다른 낱말 안에만
    있는 것(wrong)과, 낱말로 있는데 찾지 못한 것(missed)을 분석기가 나눈 대로 셉니다.
    """
    if judged is None and words is None:
        raise click.UsageError("DIR이나 --precision 가운데 하나는 있어야 합니다.")
    analyzer = Analyzer(settings.analyzer)
    if words is not None:
        listed = read_list(words)
        with _open(judged, settings, analyzer) as reader:
            _print_precision(measure_precision(reader, analyzer, listed), as_json)
        return
    assert judged is not None
    judged_set = read_judged_set(judged)
    with _open(judged, settings, analyzer) as reader:
        result = evaluate(reader, judged_set, analyzer, streams=streams, spacing=spacing, passes=passes)
    if runs:
        write_run(runs, result.run)
    difference = compare(judged_set.relevant, result.run, read_run(against)) if against else None
    if as_json:
        print_json(evaluation_record(result, difference))
        return
    for name in METRICS:
        click.echo(f"{name:<11} {result.metrics[name]:.4f}")
    click.echo(f"{'queries':<11} {len(result.run):,}")
    click.echo(f"{'ms/query':<11} {result.ms_a_query:.2f}")
    if difference:
        mean, low, high = difference
        click.echo(f"{'Δ mrr@10':<11} {mean:+.4f} [{low:+.4f}, {high:+.4f}]")


@contextmanager
def _open(judged: Path | None, settings: Settings, analyzer: Analyzer) -> Iterator[Snapshot]:
    """An index of the documents that a judged set brings along, else the index of the settings."""
    documents = read_documents(judged) if judged else None
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(replace(settings, index=Path(folder)) if documents else settings, analyzer)
        if documents:
            with engine.write() as writer:
                writer.put(documents)
                writer.commit({})
        reader = engine.open()
        yield reader
        reader.close()


def _print_precision(measured: Sequence[WordPrecision], as_json: bool) -> None:
    found, wrong, right, missed = (
        sum(getattr(word, name) for word in measured) for name in ("found", "wrong", "right", "missed")
    )
    shares = {"wrong_share": wrong / (found or 1), "missed_share": missed / (right or 1)}
    if as_json:
        print_json(precision_record(measured, shares))
        return
    click.echo(f"{'found':>8} {'wrong':>8} {'right':>8} {'missed':>8}  word")
    for word in measured:
        counts = f"{word.found:>8,} {word.wrong:>8,} {word.right:>8,} {word.missed:>8,}"
        click.echo(f"{counts}  {printable(word.word)}")
    click.echo(f"wrong {shares['wrong_share']:.2%}, missed {shares['missed_share']:.2%}")
