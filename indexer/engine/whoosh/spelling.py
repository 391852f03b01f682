"""Corrections from the index's own vocabulary."""

from __future__ import annotations

from typing import Any

from indexer.engine import analysis, query

# Rows whose words a correction may come from.
_FIELDS = ("title_row", "own_row", "quoted_row")
# Words shorter than this have too many neighbours to guess well, longer ones are codes; long words may have two slips.
_SHORTEST, _LONGEST = 4, 24
_TWO_EDITS = 8
# A query with more unknown words than this is no slip of the finger; each costs a walk over the vocabulary (15 ms at
# 62,000 words).
_MOST = 4


def correct(reader: Any, text: str, root: query.Node) -> str | None:
    """``text`` with every word that the index does not know replaced by its most frequent near neighbour, or None.

    Near is one edit (a letter more, less, wrong, or two swapped), two in long words.
    """
    asked = {
        leaf.words for leaf in query.positive(root) if isinstance(leaf, query.Words) and leaf.field in ("any", "title")
    }
    words = {word for row in asked for word in row}
    unknown = sorted(word for word in words if not _known(reader, word))[:_MOST]
    replacements = {word: found for word in unknown if (found := _nearest(reader, word))}
    if not replacements:
        return None
    out, at = [], 0
    for word, start, end in analysis.spans(text):
        if word in replacements:
            out += [text[at:start], replacements[word]]
            at = end
    return "".join(out) + text[at:]


def _known(reader: Any, word: str) -> bool:
    return any((field, word) in reader for field in (*_FIELDS, "author_row"))


def _nearest(reader: Any, word: str) -> str | None:
    if not (_SHORTEST <= len(word) <= _LONGEST and word.isalpha()):
        return None
    allowed = 2 if len(word) >= _TWO_EDITS else 1
    near = {term for field in _FIELDS for term in reader.terms_within(field, word, 2, prefix=1)}
    ranked = [
        (edits, -sum(reader.doc_frequency(f, w) for f in _FIELDS), w)
        for w in near
        if (edits := _edits(word, w)) <= allowed
    ]
    return min(ranked)[2] if ranked else None


def _edits(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment).

    Whoosh's automaton counts a swap, the commonest slip of all, as two.
    """
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]
