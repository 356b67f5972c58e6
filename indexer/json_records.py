"""Every JSON shape that the commands and the JSON endpoint give to other tools (docs/api.md).

Times are ISO 8601. Ranges are [start, end] in Python characters, end exclusive. The order of the keys is part
of a shape.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from indexer.release import PressRelease
from indexer.search.request import parameters_of
from indexer.search.response import date_text

# Types only: a server need not load what reads and indexes documents.
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from indexer.analysis import Token
    from indexer.analysis.analyzer import AnalyzerIdentity
    from indexer.engine import Corruption, SnapshotInfo, Statistics
    from indexer.evaluation.judged import Evaluation
    from indexer.evaluation.precision import WordPrecision
    from indexer.indexing.report import Report
    from indexer.search.explain import Explanation
    from indexer.search.response import (
        Answer,
        FacetValue,
        Hit,
        IndexState,
        Marked,
        NamedIssuer,
        Suggestion,
        WordWithSynonyms,
    )
    from indexer.sources.corpus.exports import InspectedExport
    from indexer.sources.parsing import ParsedFile
    from indexer.sources.problems import ReadProblem

Record = dict[str, Any]
Highlight = Literal["html", "ranges", "none"]


# Answers of a search


def answer_record(answer: Answer, highlight: Highlight = "html") -> Record:
    """The answer of a search. A date without a time is `YYYY-MM-DD`. `highlight` "ranges" leaves out the
    HTML, "none" the ranges as well.
    """
    query = answer.query
    return {
        "query": {
            "raw": query.raw,
            "effective": query.effective,
            "canonical": query.canonical,
            "corrected_from": query.corrected_from,
            "relaxed": query.relaxed,
            "notes": list(query.notes),
            "synonyms": [synonyms_record(word) for word in query.synonyms],
            "words": list(query.words),
            "issuers": [issuer_record(word) for word in query.issuers],
        },
        "total": answer.total,
        "timed_out": answer.timed_out,
        "took_ms": round(answer.took_ms, 3),
        "index": index_record(answer.index),
        "hits": [_hit_record(hit, highlight) for hit in answer.hits],
        "facets": {name: [value_record(entry) for entry in values] for name, values in answer.facets.items()},
        "offset": answer.offset,
        "next": answer.next,
        "previous": answer.previous,
        "partial": [_hit_record(hit, highlight) for hit in answer.partial],
        "alternatives": [
            {"kind": other.kind, "parameters": parameters_of(other.request), "total": other.total}
            for other in answer.alternatives
        ],
    }


def synonyms_record(word: WordWithSynonyms) -> Record:
    """A word of a query with its synonyms."""
    return {"query": word.query, "name": word.name, "also": list(word.also)}


def issuer_record(word: NamedIssuer) -> Record:
    """A word of a query that names an issuer."""
    return {
        "query": word.query,
        "name": word.name,
        "today": word.today,
        "also": list(word.also),
        "issued": word.issued,
        "excluded": word.excluded,
    }


def value_record(entry: FacetValue) -> Record:
    """A value of a facet; `names` only where an issuer has former ones."""
    record: Record = {"value": entry.value, "count": entry.count}
    if entry.names:
        record["names"] = [value_record(name) for name in entry.names]
    return record


def index_record(index: IndexState) -> Record:
    """The index that answered."""
    return {
        "generation": index.generation,
        "updated_at": index.updated_at.isoformat(),
        "documents": index.documents,
    }


def _hit_record(hit: Hit, highlight: Highlight) -> Record:
    record: Record = {
        "id": hit.id,
        "url": hit.url,
        "source_url": hit.source_url,
        "title": hit.title.text,
        "subtitle": hit.subtitle.text,
        "outlet": hit.outlet,
        "outlet_today": hit.outlet_today,
        "department": hit.department,
        "reporter": hit.reporter,
        "published_at": date_text(hit.published_at, hit.published_precision),
        "embargo_until": hit.embargo_until.isoformat() if hit.embargo_until else None,
        "corrected_at": hit.corrected_at.isoformat() if hit.corrected_at else None,
        "score": round(hit.score, 6),
        "snippets": [
            {
                **_marked_record(snippet, highlight),
                "file": snippet.file,
                "page": snippet.page,
                "table": snippet.table,
            }
            for snippet in hit.snippets
        ],
        "attachments": list(hit.attachments),
        "similar": list(hit.similar),
        "matched": [
            {"query": word.query, "surface": word.surface, "by": word.match_kind} for word in hit.matched
        ],
    }
    if highlight != "none":
        record["title_ranges"] = [list(pair) for pair in hit.title.ranges]
    if highlight == "html":
        record["title_html"] = hit.title.html
    return record


def _marked_record(marked: Marked, highlight: Highlight) -> Record:
    record: Record = {"text": marked.text}
    if highlight != "none":
        record["ranges"] = [list(pair) for pair in marked.ranges]
    if highlight == "html":
        record["html"] = marked.html
    return record


def suggestions_record(typed: str, suggestions: Sequence[Suggestion]) -> Record:
    """Suggestions for what was typed."""
    return {
        "q": typed,
        "suggestions": [
            {"text": suggestion.text, "kind": suggestion.kind, "count": suggestion.count}
            for suggestion in suggestions
        ],
    }


def explanation_record(explanation: Explanation) -> Record:
    """Why a release has its score. `features` are what the second pass is made of."""
    record = asdict(explanation)
    features = record.pop("features")
    return {**record, "score": explanation.score, "features": features}


def health_record(state: IndexState | None) -> Record:
    """The generation from which a server answers; '' and 0 without one."""
    return {
        "status": "ok",
        "generation": state.generation if state else "",
        "documents": state.documents if state else 0,
    }


# ParsedFile and indexing


def problem_records(problems: Iterable[ReadProblem]) -> list[Record]:
    """What could not be read, or was read with a doubt. `line` is null where the whole file is meant."""
    return [
        {
            "path": problem.source_path,
            "line": problem.line,
            "reason": problem.reason,
            "hint": problem.hint,
            "warning": problem.severity == "warning",
        }
        for problem in problems
    ]


def problems_record(problems: Iterable[ReadProblem]) -> Record:
    """The file that `bodo reindex --report` writes."""
    return {"refused": problem_records(problems)}


def inspection_record(
    path: str, reading: ParsedFile | None, problems: Iterable[ReadProblem], took_s: float | None = None
) -> Record:
    """What was read of a file. `reading` is None where it could not be read, `took_s` where nobody tried."""
    record: Record = {"path": path, "refused": problem_records(problems)}
    if reading is not None:
        releases = [item for item in reading.items if isinstance(item, PressRelease)]
        record |= {
            "format": reading.format or "jsonl",
            "releases": [release.to_dict() for release in releases],
            "characters": sum(len(release.body) for release in releases),
            "tables": reading.tables,
            "pages": reading.pages,
            "found": [
                {"field": item.field, "value": item.value, "origin": item.origin} for item in reading.fields
            ],
        }
    if took_s is not None:
        record["took_s"] = round(took_s, 3)
    return record


def export_record(path: str, export: InspectedExport, took_s: float | None) -> Record:
    """What was read of an export: the first releases only, and how many there are (`count`)."""
    return {
        "path": path,
        "refused": problem_records(export.problems),
        "refused_count": export.problem_count,
        "format": export.format,
        "columns": [
            {"name": use.name, "field": use.field or None, "order": use.order or None}
            for use in export.columns
        ],
        "count": export.count,
        "releases": [release.to_dict() for release in export.releases],
        "characters": export.characters,
        "took_s": round(took_s or 0, 3),
    }


def report_record(report: Report) -> Record:
    """What a reindex did."""
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
        "replaced": report.replaced,
        "took_s": round(report.took_s, 3),
        **problems_record(report.refusals),
    }


def addition_record(report: Report) -> Record:
    """What `bodo add` did."""
    return {
        "documents": report.documents,
        "added": report.added,
        "updated": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "left_out": report.left_out,
        "replaced": report.replaced,
    }


# The index


def statistics_record(
    generation: SnapshotInfo, statistics: Statistics, files: int, analyzer: AnalyzerIdentity
) -> Record:
    """What an index holds; `files` is how many files of the corpus were read for it without complaint."""
    return {
        "documents": generation.documents,
        "embargoed": statistics.embargoed,
        "next_embargo": statistics.next_embargo.isoformat() if statistics.next_embargo else None,
        "segments": statistics.segments,
        "terms": statistics.terms,
        "postings": statistics.postings,
        "files": files,
        "size_bytes": generation.size_bytes,
        "bytes_by_part": dict(statistics.bytes_by_part),
        "generation": generation.name,
        "updated_at": generation.updated_at.isoformat(),
        "analyzer": analyzer.to_dict(),
    }


def verification_record(generation: str, corruptions: Iterable[Corruption]) -> Record:
    """What is wrong with a generation."""
    damaged = [{"part": corruption.part, "what": corruption.what} for corruption in corruptions]
    return {"generation": generation, "damaged": damaged}


# Analysis and evaluation


def analysis_record(text: str, analyzer: AnalyzerIdentity, streams: Mapping[str, Sequence[Token]]) -> Record:
    """The tokens of `text` by stream."""
    return {
        "analyzer": analyzer.to_dict(),
        **{
            stream: [
                {
                    "term": token.term,
                    "surface": text[token.start : token.end],
                    "start": token.start,
                    "end": token.end,
                    "position": token.position,
                    "tag": token.tag,
                    "rule": token.rule,
                }
                for token in tokens
            ]
            for stream, tokens in streams.items()
        },
    }


def evaluation_record(evaluation: Evaluation, difference: tuple[float, float, float] | None) -> Record:
    """The metrics of a judged set, and by how much the first is above that of another ranking, with the 95 %
    interval.
    """
    record: Record = {
        **{name: round(value, 6) for name, value in evaluation.metrics.items()},
        "queries": len(evaluation.run),
        "ms_a_query": round(evaluation.ms_a_query, 3),
    }
    if difference:
        record["difference"] = dict(zip(("mrr@10", "low", "high"), difference, strict=True))
    return record


def precision_record(words: Sequence[WordPrecision], shares: Mapping[str, float]) -> Record:
    """How precisely words are found: `shares` of all of them, and the counts of each."""
    rounded = {name: round(share, 6) for name, share in shares.items()}
    return {**rounded, "words": [asdict(word) for word in words]}
