"""Dates as blogs print them: text in, a moment out. Nothing is guessed.

    machine(text)   an ISO 8601 attribute (``2008-05-04T11:40:00-05:00``)
    visible(text)   words on the page (``May 4th, 2008 at 11:40 am``, ``03.02.2008, 16:50``)
    in_path(path)   a permalink's ``/2008/05/04/``

A general parser fills what it does not find with today's values and reads any number as a day; here a date counts only
when day, month and year were all found (the year may come from the permalink), and ``3/4/2008`` only when it is known
which of the two is the day.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

# Which of two leading numbers is the day; None: not known.
DayOrder = Literal["dmy", "mdy"] | None
# The web's first blogs began in the nineties; anything outside is a misread number.
FIRST_YEAR, LAST_YEAR = 1990, 2099
# No byline is longer; what comes after is the post.
MAX_TEXT = 2000

# Month names by month, in English, French, German, Spanish, Portuguese, Italian, Dutch, Polish, Czech, Swedish, Danish,
# Norwegian, Finnish, Russian; without accents, genitives and usual abbreviations included.
_MONTHS = (
    "january jan janvier janv januar janner enero janeiro gennaio januari stycznia styczen sty ledna leden tammikuu tammikuuta "
    "января январь",
    "february feb fevrier fevr fev februar febrero fevereiro febbraio februari lutego luty lut unora unor helmikuu "
    "helmikuuta февраля февраль",
    "march mar mars marz maerz marzo marco maart marca marzec brezna brezen maaliskuu maaliskuuta марта март",
    "april apr avril avr abril aprile kwietnia kwiecien kwi dubna duben huhtikuu huhtikuuta апреля апрель",
    "may mai mayo maio maggio mei maja maj kvetna kveten toukokuu toukokuuta мая май",
    "june jun juin juni junio junho giugno giu czerwca czerwiec cze cervna cerven kesakuu kesakuuta июня июнь",
    "july jul juillet juil juli julio julho luglio lug lipca lipiec lip cervence cervenec heinakuu heinakuuta июля июль",
    "august aug aout agosto ago augustus augusti sierpnia sierpien sie srpna srpen elokuu elokuuta августа август",
    "september sep sept septembre septiembre setembro settembre wrzesnia wrzesien wrz zari syyskuu syyskuuta "
    "сентября сентябрь",
    "october oct octobre oktober okt octubre outubro ottobre pazdziernika pazdziernik paz rijna rijen lokakuu lokakuuta "
    "октября октябрь",
    "november nov novembre noviembre novembro listopada listopad lis listopadu marraskuu marraskuuta ноября ноябрь",
    "december dec decembre dezember dez diciembre dic dezembro dicembre desember grudnia grudzien gru prosince prosinec "
    "joulukuu joulukuuta декабря декабрь",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_NAME = r"(?P<name>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_DAY = r"(?<!\d)(?P<day>\d{1,2})\s?(?:st|nd|rd|th|er|o|a)?\b"
# Day and month by name, with the year or (last two) without.
_NAMED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_NAME}\s+{_DAY},?\s+(?:of\s+)?{_YEAR}",
        rf"{_DAY}\.?[\s,/-]*(?:of|de|di|d['’])?\s*{_NAME},?[\s/-]*(?:of|de|del)?\s*{_YEAR}",
        rf"{_YEAR},?\s+{_NAME}\s+{_DAY}",
    )
)
_NAMED_WITHOUT_YEAR = tuple(
    re.compile(pattern) for pattern in (rf"\b{_NAME}\s+{_DAY}", rf"{_DAY}\.?\s*(?:of|de|d['’])?\s*{_NAME}")
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})(?!\d)"
)
_NUMBERS = re.compile(
    r"(?<![\d.])(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:19|20)?\d\d)(?![\d.]*\d)"
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})\s?(?:[:h]|(?<=\d)\.(?=\d\d\s?(?:[ap]\.?m|uhr)))\s?(?P<minute>\d\d)(?::(?P<second>\d\d))?(?!\d)"
    r"\s*(?P<half>[ap]\.?\s?m\b)?"
    r"|(?<![\d:.])(?P<hour2>\d{1,2})\s?(?P<half2>[ap]\.?m\b)"
)
_PATH = re.compile(r"(?:^|/)(?P<year>(?:19|20)\d\d)/(?P<month>\d\d)(?:/(?P<day>\d\d))?(?=/|$)")
_DIGIT = re.compile(r"\d")
# Week dates ("2008-W18") are ISO 8601 too, but no day was printed.
_ISO_DAY = re.compile(r"\d{4}-?\d\d-?\d\d(?!\d)")
# "May 4th, 2008 by Somebody With a Name at 11:40 am": how far from its date a time of day is looked for.
CLOCK_WINDOW = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A date found: the ``moment`` (aware; midnight when no time of day was given) and whether a ``timed`` one."""

    moment: datetime
    timed: bool


@dataclass(frozen=True, slots=True)
class PathDate:
    """What a permalink tells: always year and month, the day when the blog's permalinks have it."""

    year: int
    month: int
    day: int | None


def machine(text: str) -> Found | None:
    """An ISO 8601 date or date and time; an offset is kept, without one the moment is called UTC."""
    value = text.strip()
    if not _ISO_DAY.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    return Found(moment if moment.tzinfo else moment.replace(tzinfo=UTC), timed=len(value) > len("2008-05-04"))


def visible(text: str, order: DayOrder = None, hint: PathDate | None = None) -> Found | None:
    """The first date printed in ``text``, with the time of day printed near it; None when there is no whole date.

    ``hint`` is the permalink's date: it gives a missing year, and settles which number of ``04/05/08`` is the day.
    """
    line = _fold(text[:MAX_TEXT])
    if not _DIGIT.search(line):
        return None
    for day, start, end in _dates(line, order, hint):
        clock = _clock(line[end : end + CLOCK_WINDOW]) or _clock(line[max(0, start - CLOCK_WINDOW) : start])
        return Found(datetime.combine(day, clock or time(), UTC), timed=clock is not None)
    return None


def time_of_day(text: str) -> time | None:
    """A time of day printed in ``text`` (``11:40 am``, ``16h46``, ``20:08``)."""
    return _clock(_fold(text[:MAX_TEXT]))


def in_path(path: str) -> PathDate | None:
    """The date in a permalink's path (``/2008/05/04/slug/`` or ``/2008/05/slug/``)."""
    if not (m := _PATH.search(path)):
        return None
    year, month = int(m["year"]), int(m["month"])
    if not 1 <= month <= 12:
        return None
    day = int(m["day"]) if m["day"] and _day(year, month, int(m["day"])) else None
    return PathDate(year, month, day)


def order_of(language: str) -> DayOrder:
    """Which number a page in this language (``en-US``, ``fr``) prints first; bare ``en`` may be either."""
    tag = language.strip().lower().replace("_", "-")
    if not tag or tag == "en":
        return None
    return "mdy" if tag == "en-us" else "dmy"


def _fold(text: str) -> str:
    """Lower case, accents off letters (but й kept whole), one space for any run of white space."""
    text = text.lower()
    if not text.isascii():
        text = "".join(c if c in "йё" else unicodedata.normalize("NFKD", c)[:1] for c in text)
    return " ".join(text.split())


def _dates(line: str, order: DayOrder, hint: PathDate | None) -> list[tuple[date, int, int]]:
    """The dates in a folded line with their character offsets, in order of appearance."""
    found = []
    for pattern in (*_NAMED, _YEAR_FIRST):
        for m in pattern.finditer(line):
            parts = m.groupdict()
            month = MONTHS[parts["name"]] if "name" in parts else int(parts["month"])
            found.append((_day(int(m["year"]), month, int(m["day"])), *m.span()))
    for m in _NUMBERS.finditer(line):
        found.append((_from_numbers(m, order, hint), *m.span()))
    whole = sorted((start, -end, day) for day, start, end in found if day)
    if not whole and hint:
        for pattern in _NAMED_WITHOUT_YEAR:
            for m in pattern.finditer(line):
                if (day := _day(hint.year, MONTHS[m["name"]], int(m["day"]))) and day.month == hint.month:
                    return [(day, *m.span())]
    return [(day, start, -end) for start, end, day in whole]


def _from_numbers(m: re.Match[str], order: DayOrder, hint: PathDate | None) -> date | None:
    """``04.05.08``: the order that the permalink confirms, else dots are day first, else the page's order."""
    a, b, year = int(m["a"]), int(m["b"]), int(m["year"])
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    readings = {"dmy": _day(year, b, a), "mdy": _day(year, a, b)}
    if hint:
        for reading in readings.values():
            if reading and (reading.year, reading.month) == (hint.year, hint.month) and hint.day in (None, reading.day):
                return reading
    possible = [reading for reading in readings.values() if reading]
    if len(set(possible)) == 1:
        return possible[0]
    chosen = "dmy" if m["mark"] == "." else order
    return readings[chosen] if chosen else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def _clock(line: str) -> time | None:
    for m in _TIME.finditer(line):
        hour, minute, second = int(m["hour"] or m["hour2"]), int(m["minute"] or 0), int(m["second"] or 0)
        half = m["half"] or m["half2"]
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half[0] == "p" else 0)
        elif half:
            continue
        if hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    return None
