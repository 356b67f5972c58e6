"""The `bodo` command. Exit status: 0 done, 1 failed or something was refused, 2 wrong usage."""

from __future__ import annotations

from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any

import click

from indexer import __version__
from indexer.cli.printing import log_to_stderr, print_error
from indexer.errors import BodoError
from indexer.processes import terminated_as_interrupted

# By name, where they are. Only the command that runs is loaded, so a search of another archive starts fast.
_COMMANDS = {
    "add": "indexer.cli.index:add_command",
    "analyze": "indexer.cli.analyze:analyze_command",
    "dict": "indexer.cli.dictionary:dict_command",
    "eval": "indexer.cli.evaluate:eval_command",
    "explain": "indexer.cli.search:explain_command",
    "inspect": "indexer.cli.inspect:inspect_command",
    "mcp": "indexer.cli.mcp_server:mcp_command",
    "pull": "indexer.cli.pull:pull_command",
    "reindex": "indexer.cli.index:reindex_command",
    "remove": "indexer.cli.index:remove_command",
    "search": "indexer.cli.search:search_command",
    "stats": "indexer.cli.stats:stats_command",
    "suggest": "indexer.cli.search:suggest_command",
    "verify": "indexer.cli.index:verify_command",
    "watch": "indexer.cli.watch:watch_command",
}


class BodoGroup(click.Group):
    """The commands of `_COMMANDS` and of the entry point group `bodo.commands`; errors in one place."""

    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, sorted."""
        return sorted({*_COMMANDS, *entry_points(group="bodo.commands").names})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """A command of its own, else one of another package."""
        if name in _COMMANDS:
            own = resolve_name(_COMMANDS[name])
            assert isinstance(own, click.Command)
            return own
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
