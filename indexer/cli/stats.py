"""`bodo stats`: what is in the index."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from indexer.analysis import Analyzer
from indexer.analysis.analyzer import AnalyzerIdentity
from indexer.bootstrap import open_engine
from indexer.cli.options import analyzer_option, index_option, json_option, pass_settings
from indexer.cli.printing import print_json
from indexer.engine import HasStatistics, SnapshotInfo, Statistics
from indexer.errors import BodoError
from indexer.indexing.complaints import COMPLAINT
from indexer.json_records import statistics_record
from indexer.settings import Settings


@click.command("stats")
@index_option
@analyzer_option
@json_option
@pass_settings
def stats_command(settings: Settings, as_json: bool) -> None:
    """색인에 무엇이 얼마나 있는지 보입니다."""
    analyzer = Analyzer(settings.analyzer)
    snapshot = open_engine(settings, analyzer).open()
    if not isinstance(snapshot, HasStatistics):
        raise BodoError("이 엔진은 통계를 내지 않습니다.", "BODO_ENGINE을 확인하세요.")
    generation, statistics = snapshot.info, snapshot.statistics()
    files = sum(not path.startswith(COMPLAINT) for path in snapshot.source_digests)
    snapshot.close()
    if as_json:
        print_json(statistics_record(generation, statistics, files, analyzer.identity))
    else:
        _print_statistics(generation, statistics, files, analyzer.identity)


def _print_statistics(
    generation: SnapshotInfo, statistics: Statistics, files: int, analyzer: AnalyzerIdentity
) -> None:
    lines = {"보도자료": f"{generation.documents:,}건 (조각 {statistics.segments}개)"}
    if statistics.next_embargo:
        lines["엠바고"] = (
            f"그 밖에 {statistics.embargoed:,}건 (다음 공개 {statistics.next_embargo:%Y-%m-%d %H:%M})"
        )
    for stream, terms in statistics.terms.items():
        lines[stream] = f"{terms:,}가지, {statistics.postings[stream]:,}건"
    lines["파일"] = f"{files:,}개"
    lines["크기"] = f"{generation.size_bytes:,}바이트"
    for part, size_bytes in statistics.bytes_by_part.items():
        lines[f"  {part}"] = f"{size_bytes:,}"
    lines["세대"] = f"{generation.name} ({generation.updated_at:%Y-%m-%d %H:%M:%S})"
    lines["분석기"] = ", ".join(str(value) for value in analyzer.to_dict().values())
    table = Table(box=None, show_header=False)
    for name, value in lines.items():
        table.add_row(name, value)
    Console(soft_wrap=True).print(table, highlight=False)
