"""Options that several commands have, and the settings that are in force when all of them are read."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from click.core import ParameterSource

from indexer.errors import BodoError
from indexer.schema import SWITCH_ON, filter_facets
from indexer.settings import DECLARED, Settings, Value, load_settings

_SETTINGS = "indexer.cli.options.settings"
_P = ParamSpec("_P")
_R = TypeVar("_R")


def pass_settings(command: Callable[Concatenate[Settings, _P], _R]) -> Callable[_P, _R]:
    """Call a command with the settings first: its options over the environment, `bodo.toml` and the defaults.

    Raises BodoError as `load_settings` does.
    """

    @wraps(command)
    def with_settings(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return command(_settings_of(click.get_current_context()), *args, **kwargs)

    return with_settings


def setting_option(
    name: str, help_text: str, *, kind: click.ParamType[Any] | None = None, option: str = ""
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """An option for the setting `name`; `pass_settings` hands over its value. `kind` is what click checks it
    with, where that is more than the bounds of the setting; `option` is its name, where that is another.
    """
    setting = DECLARED[name]
    return click.option(
        f"--{option or name.replace('_', '-')}",
        name,
        cls=_SettingOption,
        type=kind or _click_type(name),
        is_flag=setting.kind is bool,
        default=setting.default,
        show_default=True,
        envvar=setting.limits.environment or None,
        show_envvar=True,
        expose_value=False,
        callback=_choose,
        help=help_text,
    )


class _SettingOption(click.Option):
    """Where it is not given, `load_settings` decides: click would read neither the file nor the environment
    with the messages of `indexer.settings`.
    """

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:  # noqa: ARG002 - click's signature
        return None

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:  # noqa: ANN401 - click's signature
        """The value in force. `--help` (not `call`) shows the built-in one where the settings are wrong."""
        try:
            return getattr(_settings_of(ctx), self.name or "")
        except BodoError:
            if call:
                raise
            return super().get_default(ctx, call)


def _settings_of(context: click.Context) -> Settings:
    """The settings as far as the options are read. Environment and file are read once a command."""
    if _SETTINGS not in context.meta:
        context.meta[_SETTINGS] = load_settings(os.environ, Path())
    settings = context.meta[_SETTINGS]
    assert isinstance(settings, Settings)
    return settings


def _choose(context: click.Context, option: click.Parameter, value: Value) -> None:
    assert option.name is not None
    chosen: dict[str, Any] = {option.name: value}
    context.meta[_SETTINGS] = replace(_settings_of(context), **chosen)


def _click_type(name: str) -> click.ParamType[Any]:
    setting = DECLARED[name]
    limits = setting.limits
    # click shows no bound for None.
    bounds: dict[str, Any] = {
        "min": limits.minimum if limits.minimum > -math.inf else None,
        "max": limits.maximum if limits.maximum < math.inf else None,
        "min_open": limits.minimum_open,
    }
    if setting.kind is int:
        return click.IntRange(**bounds)
    if setting.kind is float:
        return click.FloatRange(**bounds)
    if setting.kind is Path:
        return click.Path(path_type=Path)
    return click.BOOL if setting.kind is bool else click.STRING


corpus_option = setting_option("corpus", "보도자료가 있는 폴더 또는 파일.")
index_option = setting_option("index", "색인 폴더.", kind=click.Path(path_type=Path, file_okay=False))
analyzer_option = setting_option(
    "analyzer", "형태소 분석기: mecab, okt, komoran, hannanum, kkma, kiwi. 바꾸면 모두 새로 색인해야 합니다."
)
allow_removals_option = click.option(
    "--allow-removals", is_flag=True, help="색인의 5분의 1이 넘게 지워져도 계속합니다."
)
wait_option = click.option(
    "--wait-s",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="다른 프로세스가 쓰고 있을 때 기다리는 시간(초).",
)
url_option = click.option(
    "--url", metavar="URL", help="색인 대신 이 주소의 아카이브에 묻습니다. 예: https://archive.example"
)
json_option = click.option("--json", "as_json", is_flag=True, help="다른 도구가 읽을 JSON으로 출력합니다.")


def only_for_own_index(*names: str) -> None:
    """Raise UsageError where an option of `names`, which is about an index of one's own, stands beside
    `--url`.
    """
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name}은(는) --url과 함께 쓸 수 없습니다.")


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
