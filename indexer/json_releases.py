"""The JSON shapes of releases to read, and of what an archive holds (docs/api.md).

The rules of `json_records` hold.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from indexer.json_records import Record, index_record, issuer_record, synonyms_record, value_record
from indexer.release import SEOUL, PressRelease
from indexer.search.response import date_text, release_path
from indexer.search.stream import write_stream_cursor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from indexer.analysis.analyzer import AnalyzerIdentity
    from indexer.search.overview import Overview
    from indexer.search.reading import Reading
    from indexer.search.response import Marked
    from indexer.search.similar import Similar
    from indexer.search.stream import StreamedRelease
    from indexer.search.trends import Trends


def release_record(release: PressRelease) -> Record:
    """A release whole. Its file of the corpus is nobody's business."""
    return {
        "id": release.id,
        "url": release_path(release.id),
        "source_url": release.url,
        "title": release.title,
        "subtitles": list(release.subtitles),
        "outlet": release.outlet,
        "department": release.department,
        "reporter": release.reporter,
        "contact": release.contact,
        "published_at": date_text(release.published_at, release.published_precision),
        "embargo_until": release.embargo_until.isoformat() if release.embargo_until else None,
        "corrected_at": release.corrected_at.isoformat() if release.corrected_at else None,
        "sections": [
            {
                "heading": section.heading,
                "paragraphs": list(section.paragraphs),
                "file": section.file,
                "page": section.page,
                "table": section.table,
            }
            for section in release.sections
        ],
        "attachments": [asdict(attachment) for attachment in release.attachments],
        "origins": [{"field": field, "origin": origin} for field, origin in release.origins],
        "content_hash": release.content_hash,
    }


def reading_record(reading: Reading, q: str) -> Record:
    """A release to read. `marks` are the ranges that `q` matches in each of its texts; None without `q`."""
    marks = None
    if q.strip():
        marks = {
            "title": _ranges(reading.title),
            "subtitles": [_ranges(subtitle) for subtitle in reading.subtitles],
            "contact": _ranges(reading.contact),
            "sections": [
                {
                    "heading": _ranges(section.heading),
                    "paragraphs": [_ranges(paragraph) for paragraph in section.paragraphs],
                }
                for section in reading.sections
            ],
        }
    return {
        **release_record(reading.release),
        "outlet_today": reading.outlet_today,
        "marks": marks,
        "index": index_record(reading.index),
    }


def _ranges(marked: Marked) -> list[list[int]]:
    return [list(pair) for pair in marked.ranges]


def streamed_record(streamed: StreamedRelease) -> Record:
    """A line of a stream of releases."""
    return {**release_record(streamed.release), "cursor": write_stream_cursor(streamed.place)}


def similar_record(similar: Similar) -> Record:
    """Releases like another one."""
    return {
        "same": [_listed_record(release) for release in similar.same],
        "similar": [_listed_record(release) for release in similar.releases],
    }


def _listed_record(release: PressRelease) -> Record:
    return {
        "id": release.id,
        "url": release_path(release.id),
        "source_url": release.url,
        "title": release.title,
        "subtitle": release.subtitle,
        "outlet": release.outlet,
        "department": release.department,
        "reporter": release.reporter,
        "published_at": date_text(release.published_at, release.published_precision),
        "embargo_until": release.embargo_until.isoformat() if release.embargo_until else None,
        "corrected_at": release.corrected_at.isoformat() if release.corrected_at else None,
    }


def trends_record(trends: Trends) -> Record:
    """How many releases match in each month. Every list of counts has one for each of `months`."""
    months = trends.months

    def counts(of: Mapping[str, int]) -> list[int]:
        return [of.get(month, 0) for month in months]

    return {
        "months": months,
        "trends": [
            {
                "q": trend.q,
                "total": trend.total,
                "counts": counts(trend.months),
                "timed_out": trend.timed_out,
                "synonyms": [synonyms_record(word) for word in trend.synonyms],
                "issuers": [issuer_record(word) for word in trend.issuers],
            }
            for trend in trends.trends
        ],
        "all_counts": counts(trends.all_months),
        "index": index_record(trends.index),
    }


def overview_record(overview: Overview, analyzer: AnalyzerIdentity) -> Record:
    """What an archive holds. Releases under embargo are in none of it."""
    return {
        "index": index_record(overview.index),
        "size_bytes": overview.index.size_bytes,
        "first_day": _day(overview.first_at),
        "last_day": _day(overview.last_at),
        "outlets": [value_record(outlet) for outlet in overview.outlets],
        "months": [{"value": month, "count": count} for month, count in overview.months.items()],
        "analyzer": analyzer.to_dict(),
    }


def _day(moment: datetime | None) -> str | None:
    return moment.astimezone(SEOUL).date().isoformat() if moment else None
