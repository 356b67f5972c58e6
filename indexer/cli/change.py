"""`bodo add`, `bodo remove` and `bodo verify`: single changes, and whether the index is whole."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import click

from indexer.bootstrap import open_engine
from indexer.cli.options import analyzer_option, corpus_option, index_option, json_option, wait_option
from indexer.cli.printing import printable
from indexer.errors import SourceError
from indexer.indexing.reindex import Report, add, remove
from indexer.settings import Settings
from indexer.sources.formats.detection import detect_format

_SUFFIXES = {"hwp": ".hwp", "hwpx": ".hwpx", "pdf": ".pdf", "docx": ".docx", "html": ".html"}


@click.command("add")
@click.argument("files", metavar="FILE...", nargs=-1, required=True,
                type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))  # fmt: skip
@corpus_option
@index_option
@analyzer_option
@click.option("--name", help="표준 입력(-)으로 받은 보도자료의 파일 이름.")
@click.option("--replace", "replace_files", is_flag=True, help="이름이 같은 파일이 있으면 바꿉니다.")
@click.option("--allow-removals", is_flag=True, help="색인의 5분의 1이 넘게 지워져도 계속합니다.")
@wait_option
@json_option
def add_command(
    files: tuple[Path, ...],
    corpus: Path,
    index: Path,
    analyzer: str,
    name: str | None,
    replace_files: bool,
    allow_removals: bool,
    wait_s: float,
    as_json: bool,
) -> None:
    """FILE을 corpus에 넣고 색인합니다. FILE이 -이면 표준 입력을 읽습니다.

    보도자료와 그 첨부, 곁 파일을 함께 줄 수 있습니다. 읽을 수 없는 파일이 있으면 아무것도 넣지 않습니다.
    상태 0은 모두 디스크에 적혔고 검색된다는 뜻입니다. 엠바고가 있는 것은 그때부터 검색됩니다.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [_from_input(Path(folder), name) if str(file) == "-" else file for file in files]

        def acknowledge(report: Report) -> None:
            record = {"documents": report.documents, "added": report.added, "updated": report.updated,
                      "removed": report.removed, "unchanged": report.unchanged,
                      "left_out": report.left_out}  # fmt: skip
            if as_json:
                click.echo(json.dumps(record, ensure_ascii=False))
            else:
                gone = f", 삭제 {report.removed:,}" if report.removed else ""
                click.echo(
                    f"추가 {report.added:,}, 변경 {report.updated:,}{gone}. 보도자료 {report.documents:,}건."
                )
            sys.stdout.flush()

        report = add(
            open_engine(Settings(index=index, analyzer=analyzer)),
            corpus,
            paths,
            replace_files=replace_files,
            allow_removals=allow_removals,
            wait_s=wait_s,
            acknowledge=acknowledge,
        )
    for refusal in report.refusals:
        click.echo(f"알림 {printable(str(refusal))}", err=True)


def _from_input(folder: Path, name: str | None) -> Path:
    """Standard input as a file."""
    data = sys.stdin.buffer.read()
    if not data.strip():
        raise SourceError(
            "표준 입력이 비어 있습니다.", "보도자료의 글이나 파일을 넘기세요: bodo add - < 보도.hwpx"
        )
    if name is not None and (Path(name).name != name or name.startswith(".")):
        raise click.BadParameter("폴더 없는 파일 이름이어야 합니다.", param_hint="--name")
    path = folder / (name or "input")
    path.write_bytes(data)
    if name is None:
        suffix = _SUFFIXES.get(detect_format(path), ".txt")
        path = path.rename(folder / f"{hashlib.sha256(data).hexdigest()[:16]}{suffix}")
    return path


@click.command("remove")
@click.argument("release_ids", metavar="ID...", nargs=-1, required=True)
@corpus_option
@index_option
@analyzer_option
@wait_option
def remove_command(
    release_ids: tuple[str, ...], corpus: Path, index: Path, analyzer: str, wait_s: float
) -> None:
    """ID의 보도자료가 더는 검색되지 않게 합니다.

    파일은 corpus에 남고, ID가 corpus의 removed.txt에 적힙니다. 그 줄을 지우고 `bodo reindex`를 실행하면
    되살아납니다.
    """
    remove(
        open_engine(Settings(index=index, analyzer=analyzer)),
        corpus,
        release_ids,
        wait_s=wait_s,
        acknowledge=lambda: click.echo(f"{len(release_ids):,}건을 뺐습니다. removed.txt에 적어 두었습니다."),
    )


@click.command("verify")
@index_option
@analyzer_option
@json_option
def verify_command(index: Path, analyzer: str, as_json: bool) -> None:
    """색인의 모든 바이트를 적어 둔 지문과, 색인한 낱말을 보도자료와 견주어 봅니다.

    손상된 것이 있으면 무엇인지 알리고 상태 1로 끝납니다.
    """
    engine = open_engine(Settings(index=index, analyzer=analyzer))
    name = engine.live_name()
    damages = list(engine.verify())
    if as_json:
        found = [{"part": damage.part, "what": damage.what} for damage in damages]
        click.echo(json.dumps({"generation": name, "damaged": found}, ensure_ascii=False))
    else:
        for damage in damages:
            click.echo(f"손상 {index / damage.part}: {damage.what}")
        click.echo(
            "`bodo reindex --full`로 색인을 다시 만드세요."
            if damages
            else f"{index}의 {name} 세대: 모두 온전합니다."
        )
    if damages:
        sys.exit(1)
