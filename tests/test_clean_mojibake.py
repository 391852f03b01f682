"""UTF-8 that was read as Windows-1252 comes back; what only looks like it stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean.mojibake import Mender


@pytest.mark.parametrize(
    ("damaged", "mended", "count"),
    [
        ("cafÃ© au lait", "café au lait", 1),
        ("donâ€™t, â€œpleaseâ€\x9d", "don’t, “please”", 3),
        ("l'Ã©tÃ© Ã\xa0 la plage", "l'été à la plage", 3),
        ("ÃƒÂ©tude", "étude", 1),  # twice
        ("<p title='Â£5'>Â© 2008</p>", "<p title='£5'>© 2008</p>", 2),
        ("ein “guter” Satz, und ein schÃ¶ner", "ein “guter” Satz, und ein schöner", 1),  # only a part of it
        (
            "São Paulo, naïve «é», À – l’École, 日本語, Ångström",
            "São Paulo, naïve «é», À – l’École, 日本語, Ångström",
            0,
        ),
        ("plain", "plain", 0),
    ],
)
def test_mojibake_is_repaired_where_it_is_certain(damaged: str, mended: str, count: int) -> None:
    mend = Mender()
    assert (mend(damaged), mend.count) == (mended, count)


@given(st.text(st.characters(max_codepoint=0x2FF, exclude_categories=["Cc", "Cs"])))
def test_nothing_without_a_suspicious_stretch_is_touched_and_a_repair_is_final(text: str) -> None:
    mend = Mender()
    mended = mend(text)
    assert (mended != text) == bool(mend.count)
    assert Mender()(mended) == mended
