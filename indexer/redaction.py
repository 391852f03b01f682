"""What an owner takes down: the file ``redactions.toml``, applied on every run, so that a takedown survives a rebuild.

    [[document]]                       # left out, a post with its comments
    url = "http://blog.example/2008/05/04/title/"      # a comment's: with its #comment-12
    # or: id = "0123456789abcdef"

    [[author]]                         # everything they wrote is left out, or, with a replacement, their name
    name = "Jane Doe"
    replacement = "a reader"

    [[phrase]]                         # replaced wherever it stands in a title, text or name, if need be by "[redacted]"
    text = "Jane Doe"                  # any case, any white space, whole words
    # or: regex = "[0-9]{3}-[0-9]{4}"  # as in Python
    replacement = "J. D."

Phrases and authors are applied while items are cleaned, in any process (`Redactions.apply`); documents where the archive is
joined. Rules are called by their place in the file ("phrase 2"): a report that repeated them would publish what they hide.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from indexer.documents import Draft, words_of
from indexer.errors import SettingError

DEFAULT_REPLACEMENT = "[redacted]"
_KEYS = {"document": {"url", "id"}, "author": {"name", "replacement"}, "phrase": {"text", "regex", "replacement"}}
# A tag of sanitised HTML; attribute values may hold a ">".
_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
_ATTRIBUTE = re.compile(r' (\w+)="([^"]*)"')
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|i|ins|kbd|mark|q|s|samp|small|strong|sub|sup|time|u|var|wbr)[ >]"
)


@dataclass(frozen=True, slots=True)
class _Author:
    label: str
    name: str
    replacement: str | None


@dataclass(frozen=True, slots=True)
class _Phrase:
    label: str
    pattern: re.Pattern[str]
    replacement: str

    def sub(self, text: str) -> str:
        return self.pattern.sub(lambda _: self.replacement, text)


@dataclass(frozen=True, slots=True)
class Redactions:
    """The rules. ``documents`` are ids and addresses, each with the label of its rule. Picklable."""

    documents: Mapping[str, str]
    authors: tuple[_Author, ...] = ()
    phrases: tuple[_Phrase, ...] = ()

    @property
    def labels(self) -> list[str]:
        """Of all rules, in the order of their kinds and the file."""
        return [*self.documents.values(), *(a.label for a in self.authors), *(p.label for p in self.phrases)]

    def apply(self, draft: Draft, hits: Counter[str]) -> Draft | None:
        """The draft as it may be published, None where its author is taken down; ``hits`` counts documents by rule."""
        for author in self.authors:
            if words_of(draft.author) == author.name:
                hits[author.label] += 1
                if author.replacement is None:
                    return None
                draft = draft._replace(author=author.replacement, author_url="")
        for phrase in self.phrases:
            changed = _without(phrase, draft)
            hits[phrase.label] += changed != draft
            draft = changed
        return draft

    def text(self, text: str) -> str:
        """A line of a report without the phrases."""
        for phrase in self.phrases:
            text = phrase.sub(text)
        return text


NONE = Redactions({})


def load(path: Path, *, required: bool = False) -> Redactions:
    """The rules of a file; none where it is missing and not ``required``. Raises `SettingError`."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingError(f"There is no {path}, which the setting redactions names.") from None
        return NONE
    except OSError as error:
        raise SettingError(f"Cannot read {path}: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.") from error
    rules: dict[str, list[dict[str, str]]] = {kind: [] for kind in _KEYS}
    for kind, rows in tables.items():
        if kind not in _KEYS or not isinstance(rows, list):
            raise SettingError(f"{path}: there is no rule {kind!r}. Rules: [[document]], [[author]], [[phrase]].")
        rules[kind] = [_checked(path, kind, number, row) for number, row in enumerate(rows, 1)]
    return Redactions(
        {row.get("url") or row["id"]: f"document {n}" for n, row in enumerate(rules["document"], 1)},
        tuple(
            _Author(f"author {n}", words_of(row["name"]), row.get("replacement"))
            for n, row in enumerate(rules["author"], 1)
        ),
        tuple(
            _Phrase(f"phrase {n}", _pattern(path, n, row), row.get("replacement", DEFAULT_REPLACEMENT))
            for n, row in enumerate(rules["phrase"], 1)
        ),
    )


def _checked(path: Path, kind: str, number: int, row: Any) -> dict[str, str]:
    """A row with the keys and values that its kind has; raises `SettingError`."""
    where = f"{path}: {kind} {number}"
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise SettingError(f"{where} must be a table of texts.")
    if unknown := row.keys() - _KEYS[kind]:
        raise SettingError(
            f"{where}: there is no {sorted(unknown)[0]!r}. It may have: {', '.join(sorted(_KEYS[kind]))}."
        )
    wanted = _KEYS[kind] - {"replacement"}
    if sum(bool(row.get(name, "").strip()) for name in wanted) != 1:
        raise SettingError(f"{where} needs {' or '.join(sorted(wanted))}.")
    if kind == "author" and not words_of(row["name"]):
        raise SettingError(f"{where}: a name needs a letter or a digit.")
    return {name: value.strip() if name in wanted else value for name, value in row.items()}


def _pattern(path: Path, number: int, row: Mapping[str, str]) -> re.Pattern[str]:
    if text := row.get("text"):
        words = r"\s+".join(map(re.escape, text.split()))
        return re.compile(rf"(?<!\w){words}(?!\w)" if text[0].isalnum() and text[-1].isalnum() else words, re.I)
    try:
        pattern = re.compile(row["regex"])
    except (re.error, RecursionError, OverflowError) as error:
        raise SettingError(f"{path}: phrase {number} is no regular expression: {error}.") from error
    if pattern.match(""):
        raise SettingError(f"{path}: phrase {number} matches nothing at all, and so everywhere.")
    return pattern


def _without(phrase: _Phrase, draft: Draft) -> Draft:
    """The draft without a phrase."""
    return draft._replace(
        title=phrase.sub(draft.title),
        author=phrase.sub(draft.author),
        author_url="" if _stands_in(phrase, draft.author_url) else draft.author_url,
        domains=tuple(domain for domain in draft.domains if not _stands_in(phrase, domain)),
        categories=tuple(map(phrase.sub, draft.categories)),
        tags=tuple(map(phrase.sub, draft.tags)),
        text=phrase.sub(draft.text),
        quoted=phrase.sub(draft.quoted),
        html=_html_without(phrase, draft.html),
    )


def _html_without(phrase: _Phrase, html: str) -> str:
    """Sanitised HTML without a phrase, though tags stand in the middle of it, and without attributes that hold it."""
    parts = _TAG.split(html)
    texts = parts[0::2] = [unescape(part) for part in parts[0::2]]
    breaks = ["" if _INLINE.match(tag) else "\n" for tag in parts[1::2]] + [""]
    parts[1::2] = [_ATTRIBUTE.sub(lambda found: _attribute(phrase, found), tag) for tag in parts[1::2]]
    starts, at = [], 0
    for text, gap in zip(texts, breaks, strict=True):
        starts.append(at)
        at += len(text) + len(gap)
    whole = "".join(text + gap for text, gap in zip(texts, breaks, strict=True))
    spans = [match.span() for match in phrase.pattern.finditer(whole)]
    for number, (start, text) in enumerate(zip(starts, texts, strict=True)):
        parts[2 * number] = escape(_cut(text, start, spans, phrase.replacement), quote=False).replace("\xa0", "&nbsp;")
    return "".join(parts)


def _cut(text: str, start: int, spans: list[tuple[int, int]], replacement: str) -> str:
    """A piece that begins at ``start``, without the parts of it in ``spans``; the replacement stands where a span begins."""
    kept, at = [], start
    for first, last in spans:
        if last <= start or first >= start + len(text):
            continue
        kept.append(text[at - start : max(first, start) - start])
        kept.append(replacement if first >= start else "")
        at = min(last, start + len(text))
    return "".join(kept) + text[at - start :]


def _attribute(phrase: _Phrase, found: re.Match[str]) -> str:
    return "" if _stands_in(phrase, unescape(found[2])) else found[0]


def _stands_in(phrase: _Phrase, text: str) -> bool:
    """Whether a text or an address holds the phrase, also with hyphens, dots and the like for spaces."""
    return any(map(phrase.pattern.search, (text, re.sub(r"[-_+.]", " ", unquote(text)))))
