"""The best of many, in order, without sorting the rest."""

from __future__ import annotations

import numpy as np

from indexer.engine.whoosh.arrayfile import Array

# Up to this many are sorted outright.
_FEW = 512


def best(key: Array, tie: Array, count: int) -> Array:
    """The places of the ``count`` highest keys, highest first; equal keys by lowest ``tie``, which is never equal."""
    if len(key) <= max(count, _FEW):
        return np.lexsort((tie, -key))[:count]
    least = np.partition(key, len(key) - count)[len(key) - count]
    above = np.flatnonzero(key > least)
    level = np.flatnonzero(key == least)
    wanted = count - len(above)
    if len(level) > wanted:
        level = level[np.argpartition(tie[level], wanted - 1)[:wanted]]
    chosen = np.concatenate([above, level])
    return chosen[np.lexsort((tie[chosen], -key[chosen]))]
