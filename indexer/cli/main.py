"""The `bodo` command. Exit status: 0 done, 1 failed or something was refused, 2 wrong usage."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import date, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from indexer import __version__
from indexer.analysis import Analyzer
from indexer.bootstrap import open_engine, open_service
from indexer.cli.change import add_command, remove_command, verify_command
from indexer.cli.dictionary import dict_command
from indexer.cli.evaluate import eval_command
from indexer.cli.inspect import inspect_command
from indexer.cli.options import analyzer_option, corpus_option, index_option, json_option, wait_option
from indexer.cli.printing import printable
from indexer.curation.dictionary import Dictionary
from indexer.curation.files import DICTIONARY, read_curated_files
from indexer.errors import BodoError
from indexer.indexing.reindex import Progress, Report, reindex
from indexer.processes import terminated_as_interrupted
from indexer.release import SEOUL
from indexer.search.request import MAX_LIMIT, SORTS, SearchRequest
from indexer.search.response import Answer, Hit, Marked, date_text, to_json
from indexer.search.suggest import suggestions_to_json
from indexer.settings import DEFAULTS, Settings
from indexer.sources.problems import to_records, write_report

_PLAIN_PROGRESS_EVERY = 5_000


class BodoGroup(click.Group):
    """Commands of this module and of the entry point group `bodo.commands`; errors in one place."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted({*super().list_commands(context), *entry_points(group="bodo.commands").names})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """A command of this module, else one of another package."""
        if command := super().get_command(context, name):
            return command
        for entry in entry_points(group="bodo.commands", name=name):
            command = entry.load()
            if isinstance(command, click.Command):
                return command
        return None

    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; what a person can mend is told in a line or two, without a traceback."""
        try:
            with terminated_as_interrupted():
                return super().invoke(context)
        except BodoError as error:
            said = "\n".join(map(printable, str(error).split("\n")))
            Console(stderr=True, soft_wrap=True).print(f"[red]오류:[/] {escape(said)}", highlight=False)
            context.exit(1)
        except KeyboardInterrupt:
            click.echo("멈췄습니다. 색인은 마지막으로 끝난 작업 그대로입니다.", err=True)
            context.exit(1)


@click.group(cls=BodoGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bodo")
def main() -> None:
    """보도자료를 색인하고 검색합니다."""


main.add_command(add_command)
main.add_command(remove_command)
main.add_command(verify_command)
main.add_command(dict_command)
main.add_command(eval_command)


@main.command("reindex")
@corpus_option
@index_option
@analyzer_option
@click.option("--full", is_flag=True, help="바뀐 것만이 아니라 모두 새로 색인합니다.")
@click.option("--allow-removals", is_flag=True, help="색인의 5분의 1이 넘게 지워져도 계속합니다.")
@click.option("--follow-links", is_flag=True, envvar="BODO_FOLLOW_LINKS", show_envvar=True,
              help="corpus 밖을 가리키는 링크도 읽습니다.")  # fmt: skip
@wait_option
@click.option("--memory-mb", type=click.IntRange(min=128), default=DEFAULTS.memory_mb, show_default=True,
              help="모든 프로세스가 함께 쓸 메모리(MB). 한 건이 수 MB나 되면 넘을 수 있습니다.")  # fmt: skip
@click.option("--report", "reports", multiple=True, type=click.Path(dir_okay=False, path_type=Path),
              help="거절한 파일과 이유를 적을 파일(.json이면 JSON). 여러 번 쓸 수 있습니다.")  # fmt: skip
@json_option
def reindex_command(
    corpus: Path,
    index: Path,
    analyzer: str,
    full: bool,
    allow_removals: bool,
    follow_links: bool,
    wait_s: float,
    memory_mb: int,
    reports: tuple[Path, ...],
    as_json: bool,
) -> None:
    """corpus의 보도자료를 읽어 색인에 반영합니다.

    더해지고 바뀌고 옮겨지고 지워진 것만 처리합니다. 읽지 못한 파일이 있으면 이유를 알리고 나머지를
    색인한 뒤 상태 1로 끝납니다.
    """
    console = Console(stderr=True, soft_wrap=True)
    with _ProgressLine(console) as progress:
        report = reindex(
            open_engine(Settings(index=index, analyzer=analyzer, memory_mb=memory_mb)),
            corpus,
            full=full,
            allow_removals=allow_removals,
            follow_links=follow_links,
            wait_s=wait_s,
            progress=progress.show,
        )
    for path in reports:
        write_report(report.refusals, path)
    if as_json:
        click.echo(json.dumps(_report_to_json(report), ensure_ascii=False))
    else:
        _print_report(report, console)
    if report.failed:
        sys.exit(1)


@main.command("search")
@click.argument("query")
@index_option
@analyzer_option
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=10, show_default=True, help="결과 수.")
@click.option("--sort", type=click.Choice(SORTS), default="relevance", show_default=True, help="순서.")
@click.option("--outlet", multiple=True, help="이 매체의 것만. 여러 번 쓸 수 있습니다.")
@click.option("--department", multiple=True, help="이 부서의 것만.")
@click.option("--reporter", multiple=True, help="이 기자의 것만.")
@click.option("--attachment", is_flag=True, help="첨부가 있는 것만.")
@click.option("--exact", is_flag=True, help="적은 그대로만 찾습니다(고치지 않음).")
@click.option("--from", "published_from", type=click.DateTime(["%Y-%m-%d"]), help="이 날부터(YYYY-MM-DD).")
@click.option("--to", "published_to", type=click.DateTime(["%Y-%m-%d"]), help="이 날까지(YYYY-MM-DD).")
@click.option("--cursor", help="앞 쪽의 JSON 출력에 있던 next 값.")
@click.option("--embargoed", is_flag=True, help="아직 엠바고가 있는 것도 찾습니다(운영자용).")
@json_option
def search_command(
    query: str,
    index: Path,
    analyzer: str,
    limit: int,
    sort: str,
    outlet: tuple[str, ...],
    department: tuple[str, ...],
    reporter: tuple[str, ...],
    attachment: bool,
    exact: bool,
    published_from: datetime | None,
    published_to: datetime | None,
    cursor: str | None,
    embargoed: bool,
    as_json: bool,
) -> None:
    """색인에서 QUERY를 찾습니다. 띄어 쓴 낱말을 모두 가진 보도자료가 나옵니다.

    a | b(둘 중 하나), -a(빼기), "a b"(그대로), a*(시작), 제목:a, 매체:a, 2023-04..2023-05를 쓸 수 있습니다.
    -로 시작하는 QUERY는 -- 뒤에 적습니다. 찾은 것이 없어도 상태는 0입니다.
    """
    answer = open_service(Settings(index=index, analyzer=analyzer), embargoed=embargoed).search(
        SearchRequest(
            q=query,
            outlet=outlet,
            department=department,
            reporter=reporter,
            attachment=attachment,
            exact=exact,
            published_from=_day(published_from),
            published_to=_day(published_to),
            sort=sort,  # type: ignore[arg-type]  # click.Choice has checked it
            limit=limit,
            cursor=cursor,
        )
    )
    if as_json:
        click.echo(json.dumps(to_json(answer), ensure_ascii=False))
    else:
        _print_answer(answer, Console(soft_wrap=True, highlight=False))


@main.command("suggest")
@click.argument("typed")
@index_option
@analyzer_option
@json_option
def suggest_command(typed: str, index: Path, analyzer: str, as_json: bool) -> None:
    """TYPED까지 쳤을 때 무엇을 찾으려는지 내놓습니다.

    첫소리만 친 것, 한영을 잘못 둔 것, 한 글쇠 틀린 것도 압니다.
    """
    found = open_service(Settings(index=index, analyzer=analyzer)).suggest(typed)
    if as_json:
        click.echo(json.dumps(suggestions_to_json(typed, found), ensure_ascii=False))
        return
    for one in found:
        click.echo(f"{printable(one.text)} ({one.count:,})")


@main.command("explain")
@click.argument("query")
@click.argument("release_id", metavar="ID")
@index_option
@analyzer_option
@json_option
def explain_command(query: str, release_id: str, index: Path, analyzer: str, as_json: bool) -> None:
    """QUERY에 대한 ID의 점수를 낱말마다 나누어 보입니다."""
    explanation = open_service(Settings(index=index, analyzer=analyzer)).explain(query, release_id)
    if explanation is None:
        raise BodoError(
            f"색인에 id가 {release_id}인 보도자료가 없습니다.", "`bodo search`로 id를 확인하세요."
        )
    if as_json:
        click.echo(json.dumps({**asdict(explanation), "score": explanation.score}, ensure_ascii=False))
        return
    table = Table("", "낱말", "무게", "든 보도자료", "점수", box=None, header_style="bold")
    for term in explanation.terms:
        kind = {"morphemes": "형태소", "bigrams": "음절쌍"}[term.stream]
        table.add_row(
            kind, escape(term.term), f"{term.weight:.2f}", f"{term.frequency:,}", f"{term.score:.4f}"
        )
    for label, value in (
        ("제목에 모두", explanation.title_bonus),
        ("가까이 보기", explanation.second_pass),
        ("합", explanation.score),
    ):
        table.add_row(label, "", "", "", f"{value:.4f}")
    console = Console()
    console.print(table)
    if not explanation.matches:
        console.print("이 보도자료는 질의에 다 맞지는 않습니다.")


@main.command("analyze")
@click.argument("text")
@corpus_option
@analyzer_option
@json_option
def analyze_command(text: str, corpus: Path, analyzer: str, as_json: bool) -> None:
    """TEXT가 어떤 형태소와 음절쌍으로 나뉘어 색인되는지 보입니다. TEXT가 -이면 표준 입력을 읽습니다.

    사용자 사전은 corpus의 것을 씁니다. 규칙은 그 형태소를 만든 것입니다: word(사전의 낱말), compound(복합어),
    part(그 부분), stem(활용어의 원형), reading(한자의 소리), number(수), prefix(뜻을 뒤집는 접두사), user와
    user-part(사용자 사전). 음절쌍의 |는 형태소가 나뉘는 곳, !는 홀로 찾히지 않는 자리입니다.
    """
    if text == "-":
        text = sys.stdin.read()
    curated_files = read_curated_files(corpus) if corpus.exists() else {}
    made = Analyzer(analyzer, Dictionary(curated_files.get(DICTIONARY, "")))
    try:
        streams = {"morphemes": made.tokens(text), "bigrams": made.bigrams(text)}
    finally:
        made.close()
    if as_json:
        record: dict[str, Any] = {"analyzer": made.identity.to_dict()}
        for name, tokens in streams.items():
            record[name] = [
                {"term": token.term, "surface": text[token.start : token.end], "start": token.start,
                 "end": token.end, "position": token.position, "tag": token.tag, "rule": token.rule}
                for token in tokens
            ]  # fmt: skip
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    morphemes = Table("자리", "형태소", "본문", "글자", "품사", "규칙", box=None, header_style="bold")
    for token in streams["morphemes"]:
        surface = escape(printable(text[token.start : token.end]))
        morphemes.add_row(
            str(token.position),
            escape(token.term),
            surface,
            f"{token.start}-{token.end}",
            token.tag,
            token.rule,
        )
    bigrams = Table("자리", "음절쌍", "글자", "경계", box=None, header_style="bold")
    for token in streams["bigrams"]:
        bigrams.add_row(
            str(token.position), escape(token.term), f"{token.start}-{token.end}", escape(token.tag)
        )
    console = Console()
    console.print(morphemes)
    console.print()
    console.print(bigrams)


@main.command("stats")
@index_option
@analyzer_option
@json_option
def stats_command(index: Path, analyzer: str, as_json: bool) -> None:
    """색인에 무엇이 얼마나 있는지 보입니다."""
    made = Analyzer(analyzer)
    reader = open_engine(Settings(index=index), made).open()
    generation, statistics = reader.generation, reader.statistics()
    reader.close()
    record: dict[str, Any] = {
        "documents": generation.documents,
        "embargoed": statistics.embargoed,
        "next_embargo": statistics.next_embargo.isoformat() if statistics.next_embargo else None,
        "segments": statistics.segments,
        "terms": statistics.terms,
        "postings": statistics.postings,
        "files": len(reader.source_digests),
        "size_bytes": generation.size_bytes,
        "bytes_by_part": dict(statistics.bytes_by_part),
        "generation": generation.name,
        "updated_at": generation.updated_at.isoformat(),
        "analyzer": made.identity.to_dict(),
    }
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    rows = {"보도자료": f"{generation.documents:,}건 (조각 {statistics.segments}개)"}
    if statistics.next_embargo:
        rows["엠바고"] = (
            f"그 밖에 {statistics.embargoed:,}건 (다음 공개 {statistics.next_embargo:%Y-%m-%d %H:%M})"
        )
    rows |= {
        **{
            name: f"{count:,}가지, {statistics.postings[name]:,}건"
            for name, count in statistics.terms.items()
        },
        "파일": f"{record['files']:,}개",
        "크기": f"{generation.size_bytes:,}바이트",
        **{f"  {name}": f"{size:,}" for name, size in statistics.bytes_by_part.items()},
        "세대": f"{generation.name} ({generation.updated_at:%Y-%m-%d %H:%M:%S})",
        "분석기": ", ".join(str(value) for value in record["analyzer"].values()),
    }
    table = Table(box=None, show_header=False)
    for name, value in rows.items():
        table.add_row(name, value)
    Console(soft_wrap=True).print(table, highlight=False)


main.add_command(inspect_command)


class _ProgressLine:
    """Progress of a reindex: a moving line on a terminal, now and then a plain line elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(TextColumn("{task.description}"), BarColumn(), console=console, transient=True)
        self._task = self._bar.add_task("읽는 중", total=None)
        self._started = time.monotonic()

    def __enter__(self) -> _ProgressLine:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Say how many releases have been read, how fast, and how long the rest will take."""
        elapsed_s = max(time.monotonic() - self._started, 0.001)
        done = progress.read_bytes >= progress.total_bytes
        line = f"{progress.releases:,}건 읽음 (초당 {progress.releases / elapsed_s:,.0f}건)"
        if done:
            line += ", 합쳐서 쓰는 중"
        elif progress.read_bytes:
            left_s = elapsed_s * (progress.total_bytes / progress.read_bytes - 1)
            line += f", 남은 시간 약 {_duration(left_s)}"
        if self._console.is_terminal:
            self._bar.update(
                self._task, description=line, completed=progress.read_bytes, total=progress.total_bytes
            )
        elif done or progress.releases % _PLAIN_PROGRESS_EVERY == 0:
            self._console.print(line, highlight=False)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f}초"
    minutes = round(seconds / 60)
    return f"{minutes}분" if minutes < 60 else f"{minutes // 60}시간 {minutes % 60}분"


def _report_to_json(report: Report) -> dict[str, Any]:
    return {
        "documents": report.documents,
        "added": report.added,
        "updated": report.updated,
        "moved": report.moved,
        "reanalysed": report.reanalysed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "kept": report.kept,
        "left_out": report.left_out,
        "took_s": round(report.took_s, 3),
        "refused": to_records(report.refusals),
    }


def _print_report(report: Report, console: Console) -> None:
    for refusal in report.refusals:
        kind = "[yellow]알림[/]" if refusal.severity == "warning" else "[red]거절[/]"
        console.print(f"{kind} {escape(printable(str(refusal)))}", highlight=False)
    counts = {
        "추가": report.added,
        "변경": report.updated,
        "이동": report.moved,
        "다시 분석": report.reanalysed,
        "삭제": report.removed,
        "그대로": report.unchanged,
        "읽지 못해 남겨 둠": report.kept,
        "removed.txt에 있어 뺌": report.left_out,
    }
    done = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "바뀐 것 없음"
    refused = sum(refusal.severity == "error" for refusal in report.refusals)
    tail = f" 거절 {refused:,}건." if refused else ""
    click.echo(f"보도자료 {report.documents:,}건 ({done}).{tail} {report.took_s:.1f}초")


def _print_answer(answer: Answer, console: Console) -> None:
    console.print(f"{answer.total:,}건 ({answer.took_ms:.0f}ms)", style="dim")
    if answer.timed_out:
        console.print("시간이 모자라 일부만 찾음", style="dim")
    query = answer.query
    if query.corrected_from:
        console.print(
            f"‘{escape(query.corrected_from)}’에 맞는 것이 없어 ‘{escape(query.effective)}’을(를) 찾음"
        )
    if query.relaxed:
        console.print("모든 낱말이 든 것이 없어 일부가 든 것을 보임")
    for note in query.notes:
        console.print(escape(note), style="dim")
    for words, others in query.synonyms:
        console.print(f"같은 말도 찾음: {escape(words)} = {escape(', '.join(others))}", style="dim")
    for one in answer.alternatives:
        console.print(f"찾을 수 있는 것: {escape(one.label)} {one.total:,}건", style="dim")
    for hit in answer.hits:
        _print_hit(hit, console)
    if answer.partial:
        console.print("\n낱말 일부가 든 것", style="dim")
    for hit in answer.partial:
        _print_hit(hit, console)


def _print_hit(hit: Hit, console: Console) -> None:
    console.print()
    console.print(_colour(hit.title, "bold"))
    if hit.embargo_until and hit.embargo_until > datetime.now(SEOUL):
        moment = hit.embargo_until.astimezone(SEOUL)
        console.print(f"엠바고: {moment:%Y-%m-%d %H:%M}부터 공개", style="red")
    console.print(Text(_byline(hit), style="dim"))
    for snippet in hit.snippets:
        place = Text(f"[{printable(snippet.place)}] " if snippet.place else "", style="dim")
        console.print(Text("  ").append_text(place).append_text(_colour(snippet)))
    if hit.similar:
        console.print(f"  본문이 거의 같은 것 외 {len(hit.similar):,}건", style="dim")


def _byline(hit: Hit) -> str:
    published = date_text(hit.published_at, hit.published_precision) or "날짜 없음"
    parts = (published[:16].replace("T", " "), hit.outlet, hit.reporter, hit.id)
    return " · ".join(printable(part) for part in parts if part)


def _colour(marked: Marked, style: str = "") -> Text:
    text = Text(printable(marked.text), style=style)
    for start, end in marked.ranges:
        text.stylize("bold yellow", start, end)
    return text


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
