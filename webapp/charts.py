"""What the charts share: stretches of time in words and as searches, and bars as SVG rectangles. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton

from indexer.engine.port import Bar, TimeUnit
from webapp.i18n import conventions
from webapp.i18n import gettext as _
from webapp.wording import count, day, month

# Units of a chart's coordinates. The height is CSS pixels, too; the width is stretched to the page's.
HEIGHT = 96
SLOT = 10
LEAST = 4
# The latest months that a chart shows: forty years. A wrong date must not stretch it to the year 1.
MAX_MONTHS = 480
# A bar is a sixth of the chart at most: of a single day the chart would be one block.
MIN_SLOTS = 6
# Labels under an axis: as many stand side by side on a phone.
LABELS = {"year": 9, "month": 4, "day": 4}


@dataclass(frozen=True, slots=True)
class Column:
    """The heights of one slot: posts stand on the axis, comments on the posts, the archive behind both."""

    x: int
    posts: int
    comments: int
    archive: int

    @property
    def posts_top(self) -> int:
        return HEIGHT - self.posts

    @property
    def comments_top(self) -> int:
        return HEIGHT - self.posts - self.comments

    @property
    def archive_top(self) -> int:
        return HEIGHT - self.archive


def columns(bars: Sequence[Bar]) -> list[Column]:
    """One per bar, the highest as high as the chart; the archive on a scale of its own."""
    most = max((bar.posts + bar.comments for bar in bars), default=0)
    whole = max((bar.all_posts + bar.all_comments for bar in bars), default=0)
    return [
        Column(
            x=place * SLOT,
            posts=height(bar.posts, most),
            comments=height(bar.comments, most),
            archive=height(bar.all_posts + bar.all_comments, whole),
        )
        for place, bar in enumerate(bars)
    ]


def height(count: int, most: int) -> int:
    """Of ``count`` where ``most`` fills the chart; what is there is never invisible, and stripes are seen as such."""
    # As many are left free at the top, so that two parts of the least height do not leave the chart.
    return max(LEAST, count * (HEIGHT - LEAST) // most) if count else 0


def stretch(since: date, until: date, unit: TimeUnit) -> str:
    """A bar in words: ``2008``, ``May 2008``, ``4 May 2008``."""
    return str(since.year) if unit == "year" else month(since) if unit == "month" else day(since)


def counts(posts: int, comments: int) -> str:
    """``14 posts, 112 comments``."""
    return _(
        "%(posts)s, %(comments)s",
        posts=count(posts, "post"),
        comments=count(comments, "comment"),
    )


def width(bars: Sequence[Bar]) -> int:
    """Of the chart of ``bars``, in its units."""
    return SLOT * max(len(bars), MIN_SLOTS)


def labels(bars: Sequence[Bar], unit: TimeUnit) -> list[str]:
    """What stands under each slot, "" under most; none at the right edge, which would cut it off."""
    slots = max(len(bars), MIN_SLOTS)
    room = -(-slots // LABELS[unit])
    return [
        label(bars[place].since, unit) if place < len(bars) and place % room == 0 and place + room <= slots else ""
        for place in range(slots)
    ]


def label(since: date, unit: TimeUnit) -> str:
    """A bar in few letters, under an axis: ``2008``, ``May 2008``, ``4 May``."""
    return format_skeleton({"year": "y", "month": "yMMM", "day": "MMMd"}[unit], since, locale=conventions())
