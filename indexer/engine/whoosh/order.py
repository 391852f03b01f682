"""The best of many, in order, without sorting the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from indexer.engine.whoosh.arrayfile import Array

# Up to this many are sorted outright.
_FEW = 512
_BLOCK = 64


def best(key: Array, tie: Array, count: int) -> Array:
    """The places of the ``count`` highest keys, highest first; equal keys by lowest ``tie``, which is never equal."""
    if len(key) <= max(count, _FEW):
        return np.lexsort((tie, -key))[:count]
    likely = np.flatnonzero(key >= _reached(key, count))
    if len(likely) < len(key):
        return likely[best(key[likely], tie[likely], count)]
    least = np.partition(key, len(key) - count)[len(key) - count]
    above = np.flatnonzero(key > least)
    level = np.flatnonzero(key == least)
    wanted = count - len(above)
    if len(level) > wanted:
        level = level[np.argpartition(tie[level], wanted - 1)[:wanted]]
    chosen = np.concatenate([above, level])
    return chosen[np.lexsort((tie[chosen], -key[chosen]))]


def _reached(key: Array, count: int) -> Any:
    """A number that at least ``count`` keys reach: of the greatest of each block of keys, the one at place ``count``.

    Taking the greatest of blocks is what processors are quick at: 100,000 keys in 0.1 ms, a partition of all in 0.5 ms.
    """
    blocks = len(key) // _BLOCK
    if blocks < count:
        return key.min()
    tops = key[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    return np.partition(tops, blocks - count)[blocks - count]
