"""The `bodo` command. Exit status: 0 done, 1 failed or something was refused, 2 wrong usage."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import click

from indexer import __version__
from indexer.cli.analyze import analyze_command
from indexer.cli.dictionary import dict_command
from indexer.cli.evaluate import eval_command
from indexer.cli.index import add_command, reindex_command, remove_command, verify_command
from indexer.cli.inspect import inspect_command
from indexer.cli.printing import log_to_stderr, print_error
from indexer.cli.search import explain_command, search_command, suggest_command
from indexer.cli.stats import stats_command
from indexer.errors import BodoError
from indexer.processes import terminated_as_interrupted


class BodoGroup(click.Group):
    """Its own commands and those of the entry point group `bodo.commands`; errors in one place."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted({*super().list_commands(context), *entry_points(group="bodo.commands").names})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """A command of its own, else one of another package."""
        if command := super().get_command(context, name):
            return command
        for entry in entry_points(group="bodo.commands", name=name):
            command = entry.load()
            if isinstance(command, click.Command):
                return command
        return None

    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command. What a person can mend is told in a line or two, without a traceback."""
        log_to_stderr()
        try:
            with terminated_as_interrupted():
                return super().invoke(context)
        except BodoError as error:
            print_error(error)
            context.exit(1)
        except KeyboardInterrupt:
            click.echo("멈췄습니다. 색인은 마지막으로 끝난 작업 그대로입니다.", err=True)
            context.exit(1)


@click.group(cls=BodoGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bodo")
def main() -> None:
    """보도자료를 색인하고 검색합니다."""


for _command in (
    add_command,
    analyze_command,
    dict_command,
    eval_command,
    explain_command,
    inspect_command,
    reindex_command,
    remove_command,
    search_command,
    stats_command,
    suggest_command,
    verify_command,
):
    main.add_command(_command)
