"""Where things are: an option wins over the environment, the environment over the default."""

from __future__ import annotations

from pathlib import Path

import click

corpus_option = click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    envvar="BODO_CORPUS",
    default=Path("corpus"),
    show_default=True,
    show_envvar=True,
    help="보도자료가 있는 폴더 또는 파일.",
)
index_option = click.option(
    "--index",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="BODO_INDEX",
    default=Path("index"),
    show_default=True,
    show_envvar=True,
    help="색인 폴더.",
)
