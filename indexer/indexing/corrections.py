"""When a release was corrected: as its source says, else as the index has seen it."""

from __future__ import annotations

from datetime import datetime

from indexer.release import SEOUL, PressRelease


def correction_time(
    release: PressRelease,
    before: PressRelease | None,
    *,
    since: datetime | None,
    is_rewritten: bool,
    now: datetime,
) -> datetime | None:
    """When `release` was corrected last; None if it never was, as far as is known.

    `before` is what the index has under its id, None for nothing. `since` is when it was made, if it replaces
    an earlier one of the corpus. `is_rewritten`: its file holds other bytes than then. Times are aware.
    """
    if release.corrected_at:
        return release.corrected_at
    is_equal = before is not None and before.content_hash == release.content_hash
    if before is None or not (is_equal or before.source_path == release.source_path):
        return since
    was_public = before.embargo_until is None or before.embargo_until <= now
    if is_rewritten and was_public and not says_the_same(release, before):
        return now
    return before.corrected_at or since


def says_the_same(one: PressRelease, other: PressRelease) -> bool:
    """Whether two versions of a release differ only in what does not make a correction: in white space, in
    the time of the day, in who is named as issuer, department or reporter, in the address, and in
    the sizes and addresses of attachments.
    """
    return _said(one) == _said(other)


def _said(release: PressRelease) -> tuple[object, ...]:
    texts = (release.title, release.subtitle, release.contact, release.body)
    return (
        *("".join(text.split()) for text in texts),
        release.published_at and release.published_at.astimezone(SEOUL).date(),
        release.embargo_until,
        tuple(attachment.name for attachment in release.attachments),
    )
