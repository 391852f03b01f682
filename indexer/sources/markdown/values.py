"""Values of front matter and data files: whatever YAML, TOML or JSON made of them, in; text, names, truth and dates, out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from indexer.sources.base import person_name

# The longest date that a person writes ("Wednesday, 24 September 2008 at 10:15:00 PM +02:00") has some 50 characters.
_LONGEST_DATE = 64
# No blog is older or younger; the ends of what `datetime` can hold overflow in arithmetic.
_YEARS = range(1900, 2200)
_NO = frozenset(["false", "no", "off", "0", "n", "none", "null", ""])
_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:[T_ ]+|,\s*)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*"
    r"(?:(?:UTC|GMT)(?=[+-]))?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?",
    re.I,
)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(?:\.\d+)?")
_SPACES = re.compile(r"\s+")


def text(value: Any) -> str:
    """A scalar as a line of text; "" for None, lists and mappings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _SPACES.sub(" ", value).strip()
    # The digits of a huge integer take quadratic time, and Python refuses them.
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else ""
    return str(value) if isinstance(value, float | date) else ""


def first(values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says anything."""
    return next((found for name in names if (found := text(values.get(name)))), "")


def items(value: Any) -> list[Any]:
    """The items of a list; a single value is a list of one, None is none."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def is_true(value: Any) -> bool:
    """Whether a switch is on: anything but what says no."""
    return text(value).lower() not in _NO if not isinstance(value, list | dict) else bool(value)


def is_false(value: Any) -> bool:
    """Whether a switch is off, and said to be."""
    return value is not None and text(value).lower() in _NO - {""} and not isinstance(value, list | dict)


def names(value: Any, *, separators: str = ",;") -> tuple[str, ...]:
    """Categories or tags: a list of names, of ``{"name": ...}``, or a text cut at the first of ``separators`` that it holds."""
    if isinstance(value, str):
        separator = next((s for s in separators if s in value), None)
        value = value.split(separator) if separator else [value]
    if isinstance(value, Mapping):
        value = [value]
    found = (
        text(item.get("name") or item.get("title") if isinstance(item, Mapping) else item) for item in items(value)
    )
    return tuple(dict.fromkeys(name for name in found if name))


def person(value: Any, known: Mapping[str, str] = {}) -> str:
    """A person's name: a text, ``{"name": ...}``, or a list of these; ``known`` maps short names to full ones."""
    people = [
        item.get("name") or item.get("display_name") if isinstance(item, Mapping) else item for item in items(value)
    ]
    found = (person_name(known.get(name, name)) for item in people if (name := text(item)))
    return ", ".join(dict.fromkeys(name for name in found if name))


def moment(value: Any, zone: str) -> datetime | None:
    """A date as an aware datetime whose wall clock is what was written; ``zone`` is where a date without an offset belongs."""
    if isinstance(value, datetime):
        return _aware(value, zone)
    if isinstance(value, date):
        return _aware(datetime(value.year, value.month, value.day), zone)
    written = text(value).strip("'\"")
    if not written or len(written) > _LONGEST_DATE or not re.search(r"\d", written):
        return None
    if m := _ISO.fullmatch(written):
        return _iso(m, zone)
    if m := _EPOCH.fullmatch(written):
        return _aware(datetime.fromtimestamp(int(m[1]), UTC), zone)
    return _spelled(written, zone)


def days(year: str, month: str, day: str, zone: str) -> datetime | None:
    """The midnight that begins a day, None when there is no such day."""
    try:
        return _aware(datetime(int(year), int(month), int(day)), zone)
    except ValueError:
        return None


def first_moment(values: Mapping[str, Any], zone: str, keys: Iterable[str]) -> datetime | None:
    """The first of these fields that holds a date."""
    return next((found for key in keys if (found := moment(values.get(key), zone))), None)


def _iso(m: re.Match[str], zone: str) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in m.groups()[:6])
    try:
        found = datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None
    offset = (m[7] or "").upper()
    if offset in ("Z", "UTC", "GMT"):
        return _aware(found.replace(tzinfo=UTC), zone)
    if offset:
        digits = offset[1:].replace(":", "").ljust(4, "0")
        delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if delta < timedelta(hours=24):
            found = found.replace(tzinfo=timezone(-delta if offset[0] == "-" else delta))
    return _aware(found, zone)


def _spelled(written: str, zone: str) -> datetime | None:
    """A date in words. Read twice over different defaults: what comes out different was not in the text."""
    from dateutil import parser

    found = []
    for default in (datetime(2001, 1, 1), datetime(2002, 2, 2)):
        try:
            found.append(parser.parse(written, default=default, tzinfos=_offset))
        except (ValueError, OverflowError, TypeError, ArithmeticError, LookupError, AttributeError):
            return None
    return _aware(found[0], zone) if found[0] == found[1] else None


def _offset(name: str | None, seconds: int | None) -> timezone | None:
    """An offset in seconds as a time zone; names ("EST") mean different things in different places."""
    if name in ("UTC", "GMT", "Z"):
        return UTC
    return timezone(timedelta(seconds=seconds)) if seconds is not None and abs(seconds) < 86400 else None


def _aware(found: datetime, zone: str) -> datetime | None:
    if found.year not in _YEARS:
        return None
    offset = (found if found.tzinfo else found.replace(tzinfo=_zone(zone))).utcoffset()
    whole = timedelta(minutes=round((offset or timedelta()).total_seconds() / 60))
    return found.replace(tzinfo=timezone(whole) if whole else UTC, microsecond=0, fold=0)


@lru_cache(maxsize=16)
def _zone(name: str) -> ZoneInfo | timezone:
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):
        return UTC
