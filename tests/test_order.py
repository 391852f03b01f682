"""The best of many are the ones that sorting all of them would put first."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.whoosh.order import best


@given(
    size=st.integers(0, 3000),
    levels=st.sampled_from([1, 2, 50, 10**9]),
    count=st.sampled_from([1, 10, 100, 5000]),
    seed=st.integers(0, 99),
    whole=st.booleans(),
)
def test_the_best_are_the_first_of_all_in_order(size: int, levels: int, count: int, seed: int, whole: bool) -> None:
    rng = np.random.default_rng(seed)
    key = rng.integers(-levels, levels, size).astype(np.int32 if whole else np.float32)
    tie = rng.permutation(size).astype(np.int32)
    assert best(key, tie, count).tolist() == np.lexsort((tie, -key))[:count].tolist()
