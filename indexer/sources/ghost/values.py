"""Values of a row in, values of Python out: whatever a column holds, nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Below are the zero dates of databases, above no time zone can be added to a date any more.
_YEARS = range(1000, 9999)


def text(value: object) -> str:
    r"""A string as text, a number as its digits, "" for all else. Half a character (``\ud83d``) becomes U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value) if not value.isascii() else value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def line(value: object) -> str:
    """A name in one line."""
    return " ".join(text(value).split())


def is_true(value: object) -> bool:
    """Databases write a truth as true, 1, "1" or "true"."""
    return value is True or text(value).lower() in ("1", "true")


def rows(value: object) -> list[Row]:
    """The objects in a list; none where there is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def zone(name: str) -> tzinfo:
    """The time zone of this name; UTC where nobody knows it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def moment(value: object, local: tzinfo) -> datetime | None:
    """A date column in the blog's time: milliseconds since 1970, ISO 8601 or SQL, the latter two in UTC unless they say more.

    Zero and what is no date are None. The offset is fixed: the result needs no time zone database.
    """
    written = text(value).strip()
    try:
        if re.fullmatch(r"-?\d{1,16}", written):
            date = _EPOCH + timedelta(milliseconds=int(written)) if int(written) else None
        else:
            date = datetime.fromisoformat(written)
        if date is None or date.year not in _YEARS:
            return None
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(local)
        offset = date.utcoffset()
    except (ValueError, OverflowError):
        return None
    return date.replace(tzinfo=timezone(offset) if offset else UTC)
