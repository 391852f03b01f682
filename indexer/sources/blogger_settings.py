"""What Google Takeout says of a Blogger blog beside its feed.atom: settings.csv, a line of names and a line of values."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from indexer.errors import SourceError
from indexer.sources.base import InputFile

# One line of some sixty settings.
_MAX_BYTES = 1024 * 1024
# The columns that are read. Others hold e-mail addresses.
_COLUMNS = frozenset(
    {"blog_name", "blog_description", "blog_publishing_mode", "blog_subdomain", "blog_time_zone", "blog_locale"}
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Name and description of the blog, its address without final slash ("" unless Blogger hosts it), time zone, language."""

    name: str = ""
    description: str = ""
    url: str = ""
    zone: tzinfo | None = None
    language: str = ""


def settings_beside(file: InputFile) -> Settings:
    """The settings that lie beside a feed.atom; empty where there are none or they cannot be read."""
    beside = file.beside(str(PurePosixPath(file.name).with_name("settings.csv")))
    if beside is None:
        return Settings()
    try:
        with beside.open() as stream:
            rows = csv.reader(io.StringIO(stream.read(_MAX_BYTES).decode("utf-8-sig", "replace"), newline=""))
            values = {name: value for name, value in zip(next(rows), next(rows), strict=False) if name in _COLUMNS}
    except (SourceError, csv.Error, StopIteration):
        return Settings()
    subdomain = values.get("blog_subdomain", "")
    hosted = values.get("blog_publishing_mode") == "BLOGSPOT" and re.fullmatch(r"[\w-]+", subdomain)
    return Settings(
        name=values.get("blog_name", ""),
        description=values.get("blog_description", ""),
        url=f"https://{subdomain}.blogspot.com" if hosted else "",
        zone=_zone(values.get("blog_time_zone", "")),
        language=values.get("blog_locale", ""),
    )


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None
