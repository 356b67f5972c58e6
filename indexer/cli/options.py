"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

from indexer.settings import DEFAULTS

corpus_option = click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    envvar="BODO_CORPUS",
    default=DEFAULTS.corpus,
    show_default=True,
    show_envvar=True,
    help="보도자료가 있는 폴더 또는 파일.",
)
index_option = click.option(
    "--index",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="BODO_INDEX",
    default=DEFAULTS.index,
    show_default=True,
    show_envvar=True,
    help="색인 폴더.",
)
analyzer_option = click.option(
    "--analyzer",
    envvar="BODO_ANALYZER",
    default=DEFAULTS.analyzer,
    show_default=True,
    show_envvar=True,
    help="형태소 분석기: mecab, okt, komoran, hannanum, kkma, kiwi. 바꾸면 모두 새로 색인해야 합니다.",
)
wait_option = click.option(
    "--wait-s",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="다른 프로세스가 쓰고 있을 때 기다리는 시간(초).",
)
deadline_option = click.option(
    "--deadline-s",
    type=click.FloatRange(min=0, min_open=True),
    envvar="BODO_DEADLINE_S",
    default=DEFAULTS.deadline_s,
    show_default=True,
    show_envvar=True,
    help="한 번 찾는 데 쓰는 시간(초). 지나면 그때까지 찾은 것으로 답하고 그렇다고 알립니다.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="다른 도구가 읽을 JSON으로 출력합니다.")
