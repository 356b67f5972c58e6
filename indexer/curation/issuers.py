"""Issuers under one name each: the same body in many spellings, under its old name and its new.

# 앞의 이름으로 모읍니다.
과학기술정보통신부 = 과기정통부, 미래창조과학부
"""

from __future__ import annotations

from dataclasses import replace

from indexer.curation.lines import LineProblem, read_lines
from indexer.release import PressRelease, content_hash_of


class Issuers:
    """The one name of each issuer. A bad line is named in `problems` and skipped."""

    def __init__(self, text: str = "") -> None:
        self.problems: list[LineProblem] = []
        self._names: dict[str, str] = {}
        for number, line in read_lines(text):
            name, sign, others = (part.strip() for part in line.partition("="))
            spellings = [spelling for other in others.split(",") if (spelling := _key(other))]
            if not (sign and name and spellings):
                self.problems.append(LineProblem(number, "‘이름 = 다른 이름, 다른 이름’으로 씁니다."))
                continue
            for spelling in (_key(name), *spellings):
                known = self._names.setdefault(spelling, name)
                if known != name:
                    self.problems.append(LineProblem(number, f"앞에서 {known}(으)로 정했습니다."))

    def name_of(self, spelling: str) -> str:
        """The one name of an issuer; '' where no line has it."""
        return self._names.get(_key(spelling), "")

    def normalize(self, release: PressRelease) -> PressRelease:
        """The release under its issuer's one name. Its id stays: that comes from what the source said."""
        name = self._names.get(_key(release.outlet), release.outlet)
        if name == release.outlet:
            return release
        renamed = replace(release, outlet=name)
        # The hash is of what is indexed, so that `bodo verify` can compute it again.
        return replace(renamed, content_hash=content_hash_of(renamed))


def _key(spelling: str) -> str:
    return "".join(spelling.split())
