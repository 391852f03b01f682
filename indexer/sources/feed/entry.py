"""What a feed says, whatever its format: `FeedData` and its `Entry` rows, posts or comments alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

# Below are the zero dates of databases, above no time zone can be added to a date any more.
_YEARS = range(1000, 9999)
# "No date" as programs print it: the epoch, and what PHP on 32 bits made of MySQL's 0000-00-00.
_NO_DATE = ("-0001", "0000-")
_ZERO = frozenset([datetime(1970, 1, 1, tzinfo=UTC), datetime(1999, 11, 30, tzinfo=UTC)])


class UnreadableFeedError(Exception):
    """The bytes are no feed, or beyond the bounds; the message says why and quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed. ``title`` and ``html`` are HTML; names and ``categories`` plain text; addresses absolute where told.

    ``link`` is the address it gives itself, ``own_links`` are surer signs of its permalink (an original link that a feed
    service replaced), ``other_links`` weaker ones (a guid). ``enclosures`` are what hangs on it. ``plain``: newlines in
    ``html`` are line breaks. ``reply_ref`` and ``reply_link``: what it answers (RFC 4685). ``hidden``: reason code, where the
    feed itself says that it is not public.
    """

    id: str = ""
    link: str = ""
    own_links: tuple[str, ...] = ()
    other_links: tuple[str, ...] = ()
    title: str = ""
    html: str = ""
    plain: bool = False
    authors: tuple[str, ...] = ()
    author_url: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()
    reply_ref: str = ""
    reply_link: str = ""
    hidden: str = ""


class Damage(NamedTuple):
    """What was read through, as in `Repaired`."""

    reason: str
    detail: str = ""
    count: int = 1  # type: ignore[assignment]  # a tuple has a method of this name


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedData:
    """A feed. ``authors`` wrote the entries that name nobody; ``lost``: how many entries
    begin in what could not be read; ``cut``: it breaks off after these."""

    title: str = ""
    description: str = ""
    link: str = ""
    address: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    entries: list[Entry] = field(default_factory=list)
    damage: tuple[Damage, ...] = ()
    lost: int = 0
    cut: bool = False


def moment(text: str) -> datetime | None:
    """A date of RFC 822 or RFC 3339 with the wall-clock time and offset it is written in; UTC without an offset."""
    if not (text := text.strip()) or is_zero(text):
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return plausible(parse(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def is_zero(text: str) -> bool:
    """Whether a date is MySQL's 0000-00-00, as it is or as WordPress prints it (Mon, 30 Nov -0001)."""
    return any(sign in text for sign in _NO_DATE)


def plausible(date: datetime) -> datetime | None:
    """``date``, aware; None where it says that there is none."""
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return date if date.year in _YEARS and date not in _ZERO else None
