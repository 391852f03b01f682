"""Stretches of time as they are written: ``2008``, ``2008-05`` or ``2008-05-04``."""

from __future__ import annotations

import re
from datetime import date, timedelta


def parse_period(text: str) -> tuple[date, date] | None:
    """First and last day of ``2008``, ``2008-05`` or ``2008-05-04``; None for anything else."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text, re.ASCII)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return first, first
        following = date(first.year + (month in (None, 12)), 1 if month is None else month % 12 + 1, 1)
    except ValueError:
        return (
            (date(9999, 1 if month is None else 12, 1), date.max)
            if text.startswith("9999") and month in (None, 12)
            else None
        )
    return first, following - timedelta(days=1)


def day_before(day: date) -> date:
    """The last day before ``day``, which the first of all days is itself."""
    return day - timedelta(days=1) if day > date.min else day
