"""Words that are near to each other: fuzzy terms, and corrections from the index's own vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from indexer.engine import analysis, query
from indexer.engine.edits import SHARED, edits
from indexer.engine.whoosh.arrayfile import Array
from indexer.engine.whoosh.postings import Postings, Terms

# Rows whose words a correction may come from.
FIELDS = ("title_row", "own_row", "quoted_row")
# Words shorter than this have too many neighbours to guess well, longer ones are codes; long words may have two slips.
_SHORTEST, _LONGEST = 4, 24
_TWO_EDITS = 8
# A query with more unknown words than this is no slip of the finger.
_MOST = 4


def correct(
    segments: Sequence[dict[str, Postings]], text: str, root: query.Node, surface: Callable[[str], str]
) -> str | None:
    """``text`` with every word that the index does not know replaced by its most frequent near neighbour, or None.

    ``surface`` tells how a folded word is written.

    Near is one edit (a letter more, less, wrong, or two swapped), two in long words.
    """
    asked = {
        leaf.words
        for leaf in query.positive(root)
        if isinstance(leaf, query.Words) and leaf.field in ("any", "title", "own", "quotes")
    }
    words = {word for row in asked for word in row}
    unknown = sorted(word for word in words if not _known(segments, word))[:_MOST]
    replacements = {word: found for word in unknown if (found := _nearest(segments, word))}
    if not replacements:
        return None
    out, at = [], 0
    for word, start, end in analysis.spans(text):
        if word in replacements:
            out += [text[at:start], surface(replacements[word])]
            at = end
    return "".join(out) + text[at:]


def _known(segments: Sequence[dict[str, Postings]], word: str) -> bool:
    term = word.encode("utf-8", "replace")
    return any(
        postings.terms.find(term) >= 0
        for fields in segments
        for name in (*FIELDS, "author_row")
        if (postings := fields.get(name))
    )


def _nearest(segments: Sequence[dict[str, Postings]], word: str) -> str | None:
    if not (_SHORTEST <= len(word) <= _LONGEST and word.isalpha()):
        return None
    allowed = 2 if len(word) >= _TWO_EDITS else 1
    frequency: dict[str, int] = {}
    for fields in segments:
        for name in FIELDS:
            postings = fields.get(name)
            if postings is None:
                continue
            for number in near(postings.terms, word, allowed):
                found = postings.terms[number].decode()
                frequency[found] = frequency.get(found, 0) + postings.at[number + 1] - postings.at[number]
    ranked = [(edits(word, found), -count, found) for found, count in frequency.items()]
    return min(ranked)[2] if ranked else None


def near(terms: Terms, word: str, allowed: int) -> list[int]:
    """Numbers of the terms that share the first letter of ``word`` and are at most ``allowed`` edits away."""
    same = terms.prefixed(word[:SHARED].encode("utf-8", "replace"))
    candidates = [terms[number].decode() for number in same]
    lengths = np.fromiter(map(len, candidates), np.int64, len(candidates))
    close = np.flatnonzero(np.abs(lengths - len(word)) <= allowed)
    if not len(close):
        return []
    # NumPy pads with zeros, which no word holds.
    letters = np.array([candidates[n] for n in close]).view(np.uint32).reshape(len(close), -1)
    distances = _distances(word, letters, lengths[close])
    return [same.start + int(n) for n in close[distances <= allowed]]


def _distances(word: str, letters: Array, lengths: Array) -> Array:
    """`edits` between ``word`` and every row of ``letters`` (code points, of which the first ``lengths`` count)."""
    count, width = letters.shape
    before = np.zeros((width + 1, count), dtype=np.int16)
    last = np.repeat(np.arange(width + 1, dtype=np.int16)[:, None], count, axis=1)
    codes = [ord(letter) for letter in word]
    for i, code in enumerate(codes, 1):
        row = np.empty_like(last)
        row[0] = i
        for j in range(1, width + 1):
            best = np.minimum(last[j], row[j - 1]) + 1
            np.minimum(best, last[j - 1] + (letters[:, j - 1] != code), out=best)
            if i > 1 and j > 1:
                swapped = (letters[:, j - 2] == code) & (letters[:, j - 1] == codes[i - 2])
                best = np.where(swapped, np.minimum(best, before[j - 2] + 1), best)
            row[j] = best
        before, last = last, row
    return last[lengths, np.arange(count)]
