"""A query tree back to text of the query language: the query as it was understood."""

from __future__ import annotations

import re
from datetime import date, timedelta

from indexer.engine import analysis, query

# What means something in a query besides its words.
_SIGNS = re.compile(r'"|[()]|(?<!\S)-|[*~](?!\S)')
_QUOTES = str.maketrans("“”„‟«»＂", '"""""""')


def write(node: query.Node) -> str:
    """``node`` as text; `query.parse` makes the same tree of it.

    That is so of every tree that was parsed, as long as the text stays inside the parser's bounds and its words are their
    own analysis (a few ligatures fold to several words).
    """
    match node:
        case query.And(nodes):
            return " ".join(_inside_and(n, nodes) for n in nodes)
        case query.Or(nodes):
            return " OR ".join(_grouped(n) for n in nodes)
        case query.Not(inner):
            return f"-({write(inner)})" if isinstance(inner, query.And | query.Or | query.Not) else f"-{write(inner)}"
        case query.Words(words, field, exact):
            return _field(field) + (f'"{" ".join(words)}"' if exact else "-".join(words))
        case query.Prefix(letters, field):
            return f"{_field(field)}{letters}*"
        case query.Fuzzy(word, edits, field):
            return f"{_field(field)}{word}~{'' if edits == query.default_edits(word) else edits}"
        case query.In(group):
            return f"in:{group}"
        case query.Has(part):
            return f"in:{part}"
        case query.Linked(host):
            return f"link:{host}"
        case query.Dated(since, until):
            return _dated(since, until)
        case query.Everything():
            return ""
        case query.Nothing():
            return '""'


def with_accents(written: str, typed: str) -> str:
    """What `write` made of ``typed`` or of a part of it, its words with the accents that they were typed with."""
    spelt = {word: typed[start:end].lower() for word, start, end in analysis.spans(typed[: query.MAX_CHARACTERS])}
    out, at = [], 0
    for word, start, end in analysis.spans(written):
        out += [written[at:start], written[start:end] if written[start:end].isupper() else spelt.get(word, word)]
        at = end
    return "".join(out) + written[at:]


def differs(typed: str, understood: str) -> bool:
    """Whether ``understood`` (what `write` made of ``typed``) says more to the reader than what was typed.

    Not when they differ in case, accents, white space or punctuation that asks for nothing.
    """
    return understood != write(query.Nothing()) and _said(typed) != _said(understood)


def _said(text: str) -> list[str]:
    """Words and signs of a query, in order."""
    text = text.translate(_QUOTES)
    found = [(start, word) for word, start, _ in analysis.spans(text)]
    return [piece for _, piece in sorted(found + [(sign.start(), sign.group()) for sign in _SIGNS.finditer(text)])]


def _inside_and(node: query.Node, siblings: tuple[query.Node, ...]) -> str:
    """In parentheses also an ``in:own`` that is to say nothing about the words beside it."""
    if isinstance(node, query.Has) and any(map(query.has_bare_words, siblings)):
        return f"({write(node)})"
    return _grouped(node)


def _grouped(node: query.Node) -> str:
    return f"({write(node)})" if isinstance(node, query.And | query.Or) else write(node)


def _field(field: query.TextField) -> str:
    return "" if field == "any" else f"{field}:"


def _dated(since: date | None, until: date | None) -> str:
    if since and not until:
        return f"after:{_period(since, 0)}"
    if until and not since and until < date.max:
        return f"before:{_period(until + timedelta(days=1), 0)}"
    for length in (4, 7, 10):
        if since and until and query.parse_period(since.isoformat()[:length]) == (since, until):
            return f"date:{since.isoformat()[:length]}"
    return f"date:{_period(since, 0) if since else ''}..{_period(until, 1) if until else ''}"


def _period(day: date, end: int) -> str:
    """The shortest period that begins (``end`` 0) or ends (1) with ``day``."""
    text = day.isoformat()
    periods = ((text[:length], query.parse_period(text[:length])) for length in (4, 7, 10))
    return next((written for written, period in periods if period and period[end] == day), text)
