"""How far two words are from each other."""

from __future__ import annotations

# Slips rarely touch the first letter, and only words that share it are compared.
SHARED = 1
# More than any two words are apart that share them.
FAR = 1000


def edits(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment).

    The first `SHARED` letters must agree; otherwise the words are `FAR` from each other.
    """
    if a[:SHARED] != b[:SHARED]:
        return FAR
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
