"""Files with which something is wrong: they are read again each time, until they are repaired."""

from __future__ import annotations

from indexer.indexing.claims import Settlement
from indexer.indexing.report import Report
from indexer.sources.problems import ReadProblem

# Before the path of a file with a complaint among the digests: it is not recorded as read, and its digest
# still tells whether its bytes are others. No path of a corpus begins with it.
COMPLAINT = "/"


class Complaints:
    """What is wrong with files, for `report`; `source_digests` are those that will be recorded."""

    def __init__(self, report: Report, source_digests: dict[str, str]) -> None:
        self._report, self._source_digests = report, source_digests

    def note(self, path: str) -> None:
        """Do not record a file as read."""
        digest = self._source_digests.pop(path, None)
        if digest:
            self._source_digests[COMPLAINT + path] = digest

    def warn(self, path: str, reason: str, hint: str) -> None:
        """Report a file, and do not record it as read."""
        self._report.refusals.append(ReadProblem(path, reason, hint, severity="warning"))
        self.note(path)

    def tell(self, settlement: Settlement) -> None:
        """Report what is not indexed. When what replaces it goes, it is read again, and is back."""
        for claim, other in settlement.replaced:
            self._report.replaced += 1
            reason = f"{other.path}의 것이 이것을 정정한 것이라 그것만 색인했습니다(id {claim.release.id})."
            hint = "그대로 두어도 됩니다. 정정한 것을 지우면 다시 색인됩니다."
            self._report.refusals.append(ReadProblem(claim.path, reason, hint, severity="warning"))
            if claim.path != other.path:
                self.note(claim.path)
        for claim, other in settlement.copies:
            reason = f"같은 보도자료가 또 있습니다(id {other.release.id})."
            self.warn(claim.path, reason, "한쪽을 지우세요.")

    def refused_paths(self) -> set[str]:
        """The paths of what cannot be read now."""
        return {refusal.source_path for refusal in self._report.refusals if refusal.severity == "error"}
