"""Korean texts for tests of analysis, and what must hold of any tokens."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from indexer.analysis import Token

KOREAN = st.text(
    alphabet=st.sampled_from("창원시하노버독일출장박람회비급여는을에서 \n.,0123456789ABab%㈜大學·"),
    max_size=60,
)


def assert_well_formed(text: str, tokens: list[Token]) -> None:
    """Assert what holds of the morphemes of any text."""
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.term
    assert all(a.start <= b.start for a, b in itertools.pairwise(tokens))
    # Phrases are matched by counting neighbours, which relies on it.
    assert len({(token.position, token.term) for token in tokens}) == len(tokens)
    positions = [token.position for token in tokens]
    assert not positions or positions[0] == 0
    assert all(0 <= b - a <= 1 or b - a < 0 for a, b in itertools.pairwise(positions))
