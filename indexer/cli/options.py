"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from indexer.schema import SWITCH_ON, filter_facets
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


def filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each facet that filters; it is called with the values that were chosen as
    `filters`, by facet.
    """
    facets = filter_facets()

    @wraps(command)
    def with_filters(**values: Any) -> None:  # noqa: ANN401 - whatever the other options give
        filters: dict[str, tuple[str, ...]] = {}
        for facet in facets:
            chosen = values.pop(facet.name)
            filters[facet.name] = ((SWITCH_ON,) if chosen else ()) if facet.filter == "switch" else chosen
        command(**values, filters=filters)

    decorated: Callable[..., None] = with_filters
    for facet in reversed(facets):
        is_switch = facet.filter == "switch"
        option = click.option(f"--{facet.name}", is_flag=is_switch, multiple=not is_switch, help=facet.help)
        decorated = option(decorated)
    return decorated
