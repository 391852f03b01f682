"""What a crawl tells of addresses: which led where, and what was captured before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urljoin, urlsplit

from indexer.sources.webarchive.payload import payload_of, status_of
from indexer.sources.webarchive.records import Record

# Redirects and captures remembered of one file: some 50 MB of memory each. A blog has a few thousand.
_MOST_REDIRECTS = 100_000
_MOST_CAPTURES = 500_000
# Addresses that lead to one: a post has its number, its feed's link, an old slug. More are what a crawler's trap made.
_MOST_ALIASES = 20
# A redirect to a redirect to a redirect.
_LONGEST_CHAIN = 5
_PERMANENT = frozenset([301, 308])
# Addresses that name a post by its number, whatever page they show.
_NUMBERED = re.compile(r"[?&](?:p|page_id)=\d+\Z")
_EMAIL = re.compile(r"[^\s/?&=@]@[\w-]+\.\w")


class Redirects:
    """The permanent redirects of a file: `of` an address are those that lead to it.

    Temporary ones say where a visitor was sent that day (``/random``, ``/latest``): as a name of two posts such an address would
    make one of them. For the same reason an address that led to two is none's.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        targets: dict[str, str] = {}
        for record in records:
            if record.whole and record.type == "response" and status_of(record) in _PERMANENT:
                source, target = web_address(record.url), _target(record)
                if source and target and (source in targets or len(targets) < _MOST_REDIRECTS):
                    targets[source] = target if targets.get(source, target) == target else ""
        self._sources: dict[str, list[str]] = {}
        for source in targets:
            if (end := _end(source, targets)) and end != source:
                self._sources.setdefault(unquote(end), []).append(source)

    def of(self, url: str) -> tuple[str, ...]:
        """The addresses that lead to ``url``, however either was percent-encoded."""
        return tuple(self._sources.get(unquote(url), ())[:_MOST_ALIASES])


def _target(record: Record) -> str:
    payload = payload_of(record)
    try:
        target = urljoin(record.url, payload.location) if payload and payload.location else ""
        source = urlsplit(record.url)
    except ValueError:
        return ""
    names_a_page = source.path.strip("/") or source.query
    return target.partition("#")[0] if names_a_page and target.startswith(("http://", "https://")) else ""


def _end(url: str, targets: dict[str, str]) -> str:
    """Where following redirects from ``url`` ends; "" where it does not."""
    for _ in range(_LONGEST_CHAIN):
        url = targets.get(url, "")
        if url not in targets:
            return url
    return ""


class Captures:
    """The payloads that came before, by what a revisit record says of them."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def add(self, record: Record) -> None:
        if len(self._seen) < _MOST_CAPTURES:
            self._seen.update(hash(name) for name in (record.id, record.digest) if name)

    def has_original(self, revisit: Record) -> bool:
        return any(hash(name) in self._seen for name in (revisit.refers_to, revisit.digest) if name)


def web_address(url: str) -> str:
    """An address on the web, "" for another and for one with a person's address in it (``?email=``)."""
    on_web = url.lower().startswith(("http://", "https://"))
    return url if on_web and not _EMAIL.search(unquote(url)) else ""


def own_name(url: str) -> tuple[str, ...]:
    """The address that a page was fetched from, where it names a post by number (``?p=123``) and so is another name of it."""
    return (url,) if _NUMBERED.search(url) else ()
