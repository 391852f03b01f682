"""About the archive: what it was made of, what was left out, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from indexer.engine.port import About
from webapp.i18n import gettext, ngettext
from webapp.state import state
from webapp.wording import COUNTED, WITHHELD, count, day, number, reason

blueprint = Blueprint("about", __name__)

# Items listed at a time, and the last page that can be asked for: the report is read from its beginning for each.
PAGE = 100
LAST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A source with its numbers as they are shown, in the order of `COUNTED`; and what of it could not be read."""

    name: str
    numbers: tuple[str, ...]
    incomplete: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why items were left out or repaired; ``url`` lists them, "" where their places are not shown."""

    text: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Items of one reason, each where it was found and what is known of it; ``next`` is the page after this one, or ""."""

    title: str
    items: tuple[tuple[str, str], ...]
    first: int
    next: str


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """What the template shows. ``unread`` is how much is here of sources that could not be read again, in words, or ""."""

    summary: str
    unread: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    skipped: tuple[Reason, ...]
    repaired: tuple[Reason, ...]
    listed: Listed | None


@blueprint.get("/about/archive")
def archive() -> str:
    """The audit; with ``?reason=`` the items of one reason."""
    app = state()
    about = app.searcher.about()
    page = request.args.get("page", "1")
    wanted = min(int(page), LAST_PAGE) if page.isascii() and page.isdecimal() and len(page) < 9 else 1
    shown = archive_page(about, request.args.get("reason", ""), max(1, wanted))
    return render_template("archive.html", site=app.refresh(), page=shown)


def archive_page(about: About, wanted: str, page: int) -> ArchivePage:
    """The page about an index, with the items of the reason ``wanted``, "" for none."""
    report, counts = about.report, about.counts
    sources = report.get("sources", ())
    rows = [_row(Path(source["source"]).name, source) for source in sources]
    skipped, repaired = report.get("skipped", {}), report.get("repaired", {})
    known = {*skipped, *repaired} - WITHHELD
    kept = ", ".join(
        count(counts[name], name[:-1]) for name in ("posts", "pages", "comments", "pingbacks") if counts[name]
    )
    return ArchivePage(
        summary=gettext(
            "%(kept)s. Indexed on %(day)s.", kept=kept or gettext("Nothing"), day=day(about.created.date())
        ),
        unread=_unread(report.get("changes", {}).get("kept", 0)),
        columns=tuple(COUNTED.values()),
        rows=tuple(rows + ([_row(gettext("Together"), report)] if len(rows) > 1 else [])),
        skipped=_reasons(skipped),
        repaired=_reasons(repaired),
        listed=_listed(about.import_report, wanted, page) if wanted in known and about.import_report else None,
    )


def _unread(n: int) -> str:
    if not n:
        return ""
    return ngettext(
        "%(num)s more item of sources that could not be read again, not counted in the table.",
        "%(num)s more items of sources that could not be read again, not counted in the table.",
        n,
    )


def _row(name: str, values: Mapping[str, Any]) -> Row:
    numbers = (values.get(column, 0) for column in COUNTED)
    shown = (sum(value.values()) if isinstance(value, Mapping) else value for value in numbers)
    return Row(name, tuple(map(number, shown)), gettext("not read to its end") if values.get("incomplete") else "")


def _reasons(counts: Mapping[str, int]) -> tuple[Reason, ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Reason(reason(code), number(n), "" if code in WITHHELD else f"/about/archive?reason={code}#items")
        for code, n in ordered
    )


def _listed(file: Path, wanted: str, page: int) -> Listed:
    first = (page - 1) * PAGE
    items = tuple(islice(_items(file, wanted), first, first + PAGE + 1))
    more = len(items) > PAGE and page < LAST_PAGE
    return Listed(
        title=reason(wanted),
        items=items[:PAGE],
        first=first + 1,
        next=f"/about/archive?reason={wanted}&page={page + 1}#items" if more else "",
    )


def _items(file: Path, wanted: str) -> Iterator[tuple[str, str]]:
    """Where the items of a reason were found, and what was said of each; nothing when the report went with its generation."""
    mark = f'"reason": "{wanted}"'
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if mark in line and (item := json.loads(line))["reason"] == wanted:
                    # A file's name may hold bytes that are no text; they came as halves of surrogate pairs.
                    locator, detail = (item[name].encode("utf-8", "replace").decode() for name in ("locator", "detail"))
                    yield locator, detail
    except FileNotFoundError:
        return
