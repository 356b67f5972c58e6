"""Files with which something is wrong: they are read again each time, until they are repaired."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.indexing.claims import Claim, Settlement
from indexer.indexing.report import Report
from indexer.release import SEOUL
from indexer.sources.problems import ReadProblem

# Before the path of a file with a complaint among the digests: it is not recorded as read, and its digest
# still tells whether its bytes are others. No path of a corpus begins with it.
COMPLAINT = "/"
# The same, where a release of the file is not indexed, or under another id, because another one has its id:
# that may end when the other one goes.
CONTESTED = "//"


def path_of(key: str) -> str:
    """The path that a key among the digests is of."""
    return key.lstrip(COMPLAINT)


def digest_of(path: str, digests: Mapping[str, str]) -> str:
    """The digest that is recorded of a file, with or without a complaint; '' if there is none."""
    return digests.get(path) or digests.get(COMPLAINT + path) or digests.get(CONTESTED + path, "")


def forget(path: str, digests: dict[str, str]) -> None:
    """Record nothing of a file."""
    for key in (path, COMPLAINT + path, CONTESTED + path):
        digests.pop(key, None)


class Complaints:
    """What is wrong with files, for `report`; `source_digests` are those that will be recorded."""

    def __init__(self, report: Report, source_digests: dict[str, str]) -> None:
        self._report, self._source_digests = report, source_digests

    def note(self, path: str, *, is_contested: bool = False) -> None:
        """Do not record a file as read. `is_contested`: because of the id of one of its releases."""
        is_contested |= CONTESTED + path in self._source_digests
        digest = digest_of(path, self._source_digests)
        forget(path, self._source_digests)
        if digest:
            self._source_digests[(CONTESTED if is_contested else COMPLAINT) + path] = digest

    def warn(self, path: str, reason: str, hint: str) -> None:
        """Report a file with a contested release."""
        self._report.refusals.append(ReadProblem(path, reason, hint, severity="warning"))
        self.note(path, is_contested=True)

    def tell(self, settlement: Settlement) -> None:
        """Report what is not indexed. When what replaces it goes, it is read again, and is back."""
        for claim, other in settlement.replaced:
            self._report.replaced += 1
            reason = f"{other.path}의 것이 이것을 정정한 것이라 그것만 색인했습니다(id {claim.release.id})."
            hint = "그대로 두어도 됩니다. 정정한 것을 지우면 다시 색인됩니다."
            self._report.refusals.append(ReadProblem(claim.path, reason, hint, severity="warning"))
            if claim.path != other.path:
                self.note(claim.path, is_contested=True)
        for claim, other in settlement.copies:
            if claim.release.content_hash == other.release.content_hash:
                reason, hint = f"같은 보도자료가 또 있습니다(id {other.release.id}).", "한쪽을 지우세요."
            else:
                reason = f"{other.path}의 것과 같은 쪽이라 그것만 색인했습니다(id {other.release.id})."
                hint = "그대로 두어도 됩니다. 두 곳에서 가져오는 것이면 한 곳만 남겨도 됩니다."
            self.warn(claim.path, reason, hint)

    def tell_moved(self, claim: Claim, free_id: str, settlement: Settlement) -> None:
        """Report a release that is indexed under `free_id`, as another one has its id."""
        release_id, until = claim.release.id, claim.release.embargo_until
        replaced = next((other for one, other in settlement.waiting if one is claim), None)
        if replaced is None or until is None:
            reason = f"다른 보도자료와 id가 같습니다({release_id}). {free_id}로 색인했습니다."
            self.warn(claim.path, reason, "한쪽의 id를 바꾸세요.")
            return
        self._report.waiting[claim.path] = min(until, self._report.waiting.get(claim.path, until))
        when = f"{until.astimezone(SEOUL):%Y-%m-%d %H:%M}"
        reason = f"{replaced.path}의 것을 정정한 것인데 엠바고가 있어 {when}까지 {free_id}로 색인했습니다."
        hint = "그대로 두세요. 지켜보면 그때 저절로, 아니면 그 뒤의 첫 reindex에서 앞의 것을 대신합니다."
        self.warn(claim.path, reason, hint)

    def refused_paths(self) -> set[str]:
        """The paths of what cannot be read now."""
        return {refusal.source_path for refusal in self._report.refusals if refusal.severity == "error"}
