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


@pytest.mark.parametrize(
    "text",
    [
        # French
        "COMITÉ° 5, COMITÉ°5, COMITÉ°\xa05, É°",
        "« LIBERTÉ\xa0», ÉGALITÉ\xa0! LYCÉE À\xa0: comité\xa0»",
        "CAFÉ® et CAFÉ™, CARRÉ² ou CARRÉ³, QUALITÉ† (ANNÉE‡), CÔTÉ¼, DÉÇ°, HAÏ‰, NOËˆ, FORÊ‰, CHAÎ°, OÙ», DÛ½",
        "comité®™, carré²³, privé»…, Beyoncé©®",
        # Spanish
        "ESPAÑ° y SEÑ‰, AQUÍ°, ALLÍ¹, CAFÉ»; CANTÓ®, MENÚ™, PINGÜ²",
        # German
        "Ü°, FRÜ¬ MÜ² TSCHÜß®, Maß¬ Spaß€ Fuß¦, Ö™ KÖ® „Ä“, Größe „Ü“",
        # Portuguese, Finnish, Italian
        "“AMANHÔ, «MANHû, IRMÙ, PÄIVÄ°, COSÌ°, È»",
    ],
)
def test_accented_capitals_before_symbols_are_no_mojibake(text: str) -> None:
    mend = Mender()
    assert (mend(text), mend.count) == (text, 0)


@pytest.mark.parametrize(
    ("damaged", "mended"),
    [
        ("COMITÃ‰ NÂ° 5, COMITÃ©", "COMITÉ N° 5, COMITé"),
        ("VOILÃ€, OÃ™, KÃ–LN, ESPAÃ‘A, CANTÃ“, DÃ»", "VOILÀ, OÙ, KÖLN, ESPAÑA, CANTÓ, Dû"),
        ("Ä°stanbul, TÃœRKÄ°YE, TomÃ¡Å¡, BeneÅ¾", "İstanbul, TÜRKİYE, Tomáš, Benež"),
        ("Ï‰ = 3,14; ÐŸÑ€Ð¸Ð²ÐµÑ‚; Ð¸", "ω = 3,14; Привет; и"),
        ("eÌˆ, EÌ\x81", "e\u0308, E\u0301"),
        ("æ—¥æœ¬èªž â‚¬ 5 â€” ðŸ˜€", "日本語 € 5 — 😀"),
    ],
)
def test_real_mojibake_is_still_repaired(damaged: str, mended: str) -> None:
    assert Mender()(damaged) == mended


# Every accented letter of these languages at the end of a word, and what people write behind a word.
@given(
    word=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2),
    letter=st.sampled_from("ÀÁÇÈÉÊËÍÎÏÑÒÓÔÙÚÛÜŒÆ"),
    sign=st.sampled_from("\xa0°®™©»«…²³¹ºª§†‡•‰“”‘’„–—·¿¡€"),
)
def test_a_word_in_capitals_stays(word: str, letter: str, sign: str) -> None:
    assert Mender()(f"{word}{letter}{sign} 5") == f"{word}{letter}{sign} 5"


@given(st.text(st.characters(max_codepoint=0x2FF, exclude_categories=["Cc", "Cs"])))
def test_nothing_without_a_suspicious_stretch_is_touched_and_a_repair_is_final(text: str) -> None:
    mend = Mender()
    mended = mend(text)
    assert (mended != text) == bool(mend.count)
    assert Mender()(mended) == mended
