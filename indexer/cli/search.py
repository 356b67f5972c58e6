"""`bodo search`, `bodo suggest` and `bodo explain`: questions to the index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from indexer.cli.options import (
    analyzer_option,
    filter_options,
    index_option,
    json_option,
    only_for_own_index,
    pass_settings,
    url_option,
)
from indexer.cli.printing import plain, print_json, printable
from indexer.errors import BodoError
from indexer.json_records import answer_record, explanation_record, suggestions_record
from indexer.release import SEOUL
from indexer.search.request import MAX_LIMIT, SORTS, SearchRequest
from indexer.search.response import Answer, Hit, Marked, NamedIssuer, date_text
from indexer.settings import Settings

# A search of another archive loads neither what reads an index nor an analyzer.
if TYPE_CHECKING:
    from indexer.remote.archive import RemoteArchive
    from indexer.search.explain import Explanation
    from indexer.search.service import SearchService

# By the names of `search.rerank.FEATURES`.
_FEATURE_LABELS = {
    "pair_share": "이웃한 낱말",
    "number_share": "수와 그 단위",
    "stretch_share": "한데 모인 낱말",
    "lead_share": "첫머리",
    "title_order_share": "제목의 차례",
    "title_cover_share": "제목을 채운 만큼",
}
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("search")
@click.argument("query")
@url_option
@index_option
@analyzer_option
@click.option("--limit", type=click.IntRange(1, MAX_LIMIT), default=10, show_default=True, help="결과 수.")
@click.option("--sort", type=click.Choice(SORTS), default="relevance", show_default=True, help="순서.")
@filter_options
@click.option("--exact", is_flag=True, help="적은 그대로만 찾습니다(고치지 않음).")
@click.option("--from", "published_from", type=_DAY, help="이 날부터(YYYY-MM-DD).")
@click.option("--to", "published_to", type=_DAY, help="이 날까지(YYYY-MM-DD).")
@click.option("--cursor", help="앞 쪽의 JSON 출력에 있던 next 값.")
@click.option("--embargoed", is_flag=True, help="아직 엠바고가 있는 것도 찾습니다(운영자용).")
@json_option
@pass_settings
def search_command(
    settings: Settings,
    query: str,
    url: str | None,
    limit: int,
    sort: str,
    filters: dict[str, tuple[str, ...]],
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
    request = SearchRequest(
        q=query,
        filters=filters,
        exact=exact,
        published_from=_day(published_from),
        published_to=_day(published_to),
        sort=sort,  # type: ignore[arg-type]  # click.Choice has checked it
        limit=limit,
        cursor=cursor,
    )
    answer = _open_archive(settings, url, embargoed=embargoed).search(request)
    if as_json:
        print_json(answer_record(answer))
    else:
        _print_answer(answer, Console(soft_wrap=True, highlight=False))


@click.command("suggest")
@click.argument("typed")
@url_option
@index_option
@analyzer_option
@json_option
@pass_settings
def suggest_command(settings: Settings, typed: str, url: str | None, as_json: bool) -> None:
    """TYPED까지 쳤을 때 무엇을 찾으려는지 내놓습니다.

    첫소리만 친 것, 한영을 잘못 둔 것, 한 글쇠 틀린 것도 압니다.
    """
    suggestions = _open_archive(settings, url).suggest(typed).suggestions
    if as_json:
        print_json(suggestions_record(typed, suggestions))
        return
    for suggestion in suggestions:
        click.echo(f"{printable(suggestion.text)} ({suggestion.count:,})")


@click.command("explain")
@click.argument("query")
@click.argument("release_id", metavar="ID")
@index_option
@analyzer_option
@json_option
@pass_settings
def explain_command(settings: Settings, query: str, release_id: str, as_json: bool) -> None:
    """QUERY에 대한 ID의 점수를 낱말마다 나누어 보입니다."""
    from indexer.bootstrap import open_service

    explanation = open_service(settings).explain(query, release_id)
    if explanation is None:
        raise BodoError(
            f"색인에 id가 {release_id}인 보도자료가 없습니다.", "`bodo search`로 id를 확인하세요."
        )
    if as_json:
        print_json(explanation_record(explanation))
    else:
        _print_explanation(explanation, Console())


def _open_archive(
    settings: Settings, url: str | None, *, embargoed: bool = False
) -> SearchService | RemoteArchive:
    if url is not None:
        only_for_own_index("index", "analyzer", "embargoed")
        from indexer.remote.archive import RemoteArchive

        return RemoteArchive(url)
    from indexer.bootstrap import open_service

    return open_service(settings, embargoed=embargoed)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _print_answer(answer: Answer, console: Console) -> None:
    console.print(f"{answer.total:,}건 ({answer.took_ms:.0f}ms)", style="dim")
    if answer.timed_out:
        console.print("시간이 모자라 일부만 찾음", style="dim")
    for note, style in reading_notes(answer):
        console.print(plain(note, style))
    for hit in answer.hits:
        _print_hit(hit, console)
    if answer.partial:
        console.print("\n낱말 일부가 든 것", style="dim")
    for hit in answer.partial:
        _print_hit(hit, console)


def reading_notes(answer: Answer) -> Iterator[tuple[str, str]]:
    """How the query was read and what else may be searched, in Korean, each with a style of rich."""
    query = answer.query
    if query.corrected_from:
        yield f"‘{query.corrected_from}’에 맞는 것이 없어 ‘{query.effective}’을(를) 찾음", ""
    if query.relaxed:
        yield "모든 낱말이 든 것이 없어 일부가 든 것을 보임", ""
    for note in query.notes:
        yield note, "dim"
    for word in query.synonyms:
        yield f"같은 말도 찾음: {word.name} = {', '.join(word.also)}", "dim"
    for issuer in query.issuers:
        yield _issuer_note(issuer), "dim"
    for alternative in answer.alternatives:
        yield f"찾을 수 있는 것: {alternative.label} {alternative.total:,}건", "dim"


def _issuer_note(issuer: NamedIssuer) -> str:
    found = [", ".join(issuer.also)] if issuer.also else []
    found += ["이 기관이 낸 것"] if issuer.issued else []
    done, minus = ("읽어 함께 뺌", "-") if issuer.excluded else ("읽음", "")
    names = f"{issuer.name} = {' · '.join(found)}"
    return f'기관 이름으로 {done}: {names} ({minus}"{issuer.name}"로 적으면 그 말만)'


def _print_hit(hit: Hit, console: Console) -> None:
    console.print()
    console.print(_with_matches(hit.title, "bold"))
    if hit.embargo_until and hit.embargo_until > datetime.now(SEOUL):
        moment = hit.embargo_until.astimezone(SEOUL)
        console.print(f"엠바고: {moment:%Y-%m-%d %H:%M}부터 공개", style="red")
    console.print(plain(_byline(hit), "dim"))
    for snippet in hit.snippets:
        location = plain(f"[{snippet.place}] " if snippet.place else "", "dim")
        console.print(Text("  ").append_text(location).append_text(_with_matches(snippet)))
    if hit.similar:
        console.print(f"  본문이 거의 같은 것 외 {len(hit.similar):,}건", style="dim")


def _byline(hit: Hit) -> str:
    published = date_text(hit.published_at, hit.published_precision) or "날짜 없음"
    outlet = f"{hit.outlet}(지금 {hit.outlet_today})" if hit.outlet_today else hit.outlet
    corrected = f"{hit.corrected_at.astimezone(SEOUL):%Y-%m-%d} 정정" if hit.corrected_at else ""
    parts = (published[:16].replace("T", " "), corrected, outlet, hit.reporter, hit.id)
    return " · ".join(part for part in parts if part)


def _with_matches(marked: Marked, style: str = "") -> Text:
    text = plain(marked.text, style)
    for start, end in marked.ranges:
        text.stylize("bold yellow", start, end)
    return text


def _print_explanation(explanation: Explanation, console: Console) -> None:
    table = Table("", "낱말", "무게", "든 보도자료", "점수", box=None, header_style="bold")
    for term in explanation.terms:
        stream = {"morphemes": "형태소", "bigrams": "음절쌍"}[term.stream]
        table.add_row(
            stream, plain(term.term), f"{term.weight:.2f}", f"{term.frequency:,}", f"{term.score:.4f}"
        )
    table.add_row("제목에 모두", "", "", "", f"{explanation.title_bonus:.4f}")
    table.add_row("가까이 보기", "", "", "", f"{explanation.second_pass:.4f}")
    for name, score in explanation.features.items():
        table.add_row("", _FEATURE_LABELS[name], "", "", f"{score:.4f}")
    table.add_row("합", "", "", "", f"{explanation.score:.4f}")
    console.print(table)
    if not explanation.matches:
        console.print("이 보도자료는 질의에 다 맞지는 않습니다.")
