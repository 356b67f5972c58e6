"""The tags of words: those of the Sejong corpus, as mecab-ko-dic uses them, of which a term may be made."""

from __future__ import annotations

DEFAULT_TAG = "NNP"
CONTENT_TAGS = frozenset(
    "NNG NNP NNB NNBC NP NR NA SL SN SH XR VV VA MM MAG UNKNOWN".split()  # noqa: SIM905
)
