"""The items of a query -> its clauses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from indexer.search.parser.nodes import MAX_WORDS, Atom, Clause, Query, Word
from indexer.search.parser.normal_form import trim_word
from indexer.search.parser.tokenizer import Operator, Tokenizer


def parse_query(text: str) -> Query:
    """Read a query. Any text is one. Raises AnalysisError where it holds a lone surrogate."""
    tokenizer = Tokenizer(text)
    notes = tokenizer.notes
    clauses: list[Clause] = []
    for count, (atom, is_excluded, is_alternative) in enumerate(_combine(list(tokenizer.items()), notes)):
        if count == MAX_WORDS:
            notes[f"낱말 {MAX_WORDS}개까지만 찾았습니다."] = None
            break
        if is_alternative and clauses and not clauses[-1].excluded:
            if atom not in clauses[-1].atoms:
                clauses[-1] = Clause((*clauses[-1].atoms, atom))
        else:
            clauses.append(Clause((atom,), is_excluded))
    return Query(text, tuple(dict.fromkeys(clauses)), tuple(notes))


def _combine(items: Sequence[Atom | Operator], notes: dict[str, None]) -> Iterator[tuple[Atom, bool, bool]]:
    """Each atom, whether it is excluded, and whether it is an alternative to the one before. A word
    like AND that has nothing to combine is text; a sign is left out.
    """
    is_excluded = is_alternative = False
    has_left = False  # whether there is an atom before that OR and AND can combine
    for item, following in zip(items, [*items[1:], None], strict=False):
        before_atom = following is not None and not isinstance(following, Operator)
        before_not = isinstance(following, Operator) and following.kind == "NOT"
        if isinstance(item, Operator):
            if item.kind == "NOT" and before_atom:
                is_excluded = True
                continue
            if item.kind == "OR" and has_left and before_atom:
                is_alternative = True
                continue
            if item.kind == "AND" and has_left and (before_atom or before_not):
                continue  # that is what a space means
            if not item.text:
                continue
            notes[f"‘{item.text}’를 글로 읽었습니다."] = None
            item = Word(item.text, trim_word(item.text))
        yield item, is_excluded, is_alternative and not is_excluded
        has_left = not is_excluded
        is_excluded = is_alternative = False
