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

An address that holds a phrase (``/2008/05/jane-doe/``) is left out, whether it is a link or a permalink: changed, it would lead
nowhere. In names of files, and what reports quote of addresses, the phrase is replaced.

Phrases and authors are applied while items are cleaned, in any process (`Redactions.apply`); documents where the archive is
joined. Rules are called by their place in the file ("phrase 2"): a report that repeated them would publish what they hide.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import chain
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize
from urllib.parse import unquote

from indexer.documents import Draft, words_of
from indexer.errors import SettingError

DEFAULT_REPLACEMENT = "[redacted]"
_KEYS = {"document": {"url", "id"}, "author": {"name", "replacement"}, "phrase": {"text", "regex", "replacement"}}
# A tag of sanitised HTML; attribute values may hold a ">".
_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
_ATTRIBUTE = re.compile(r' (\w+)="([^"]*)"')
# Where in a file an item stands, or on a page a comment. Numbers are no words of anybody, though a pattern for some, as those of
# telephones, may match.
_PLACE = re.compile(r"(#(?:comment|entry|item|line|post|record|thread)[=-][0-9a-f-]+(?:[/#]comment[=-][0-9a-f-]+)*)")
# Percent-encoding, and what stands for spaces in addresses and names of files.
_ESCAPED = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
_HYPHEN = re.compile(r"[-_+.]")
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
    """``spelt`` finds a text as addresses and names of files spell it; None: what the pattern finds with spaces for hyphens."""

    label: str
    pattern: re.Pattern[str]
    spelt: re.Pattern[str] | None
    replacement: str

    def sub(self, text: str) -> str:
        return self.pattern.sub(lambda _: self.replacement, text)

    def sub_spelt(self, text: str) -> str:
        """The same of a line that holds addresses and names of files."""
        if text.isascii() and "%" not in text and not any(self._spelt_in(text)):
            return text  # nearly all are such, and this takes half the time
        parts = _PLACE.split(text)
        parts[0::2] = map(self._sub_spelt, parts[0::2])
        return "".join(parts)

    def address(self, address: str) -> str:
        """An address, "" when it holds the phrase."""
        return address if self.sub_spelt(address) == address else ""

    def _sub_spelt(self, text: str) -> str:
        letters, at = _letters(text, bare=bool(self.spelt))
        spans: list[tuple[int, int]] = []
        for first, last in sorted(match.span() for match in self._spelt_in(letters)):
            begins, ends = spans.pop() if spans and at[first] < spans[-1][1] else (at[first], 0)
            spans.append((begins, max(ends, at[last])))
        return _cut(text, 0, spans, self.replacement)

    def _spelt_in(self, letters: str) -> Iterator[re.Match[str]]:
        """Where in the letters of addresses the phrase stands; a pattern also with spaces for hyphens, which may overlap."""
        if self.spelt:
            return self.spelt.finditer(letters)
        return chain(self.pattern.finditer(letters), self.pattern.finditer(_HYPHEN.sub(" ", letters)))


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
        """A line of a report without the phrases, also as addresses and names of files spell them."""
        for phrase in self.phrases:
            text = phrase.sub_spelt(text)
        return text

    def address(self, address: str) -> str:
        """An address, "" when it holds a phrase."""
        return address if all(phrase.address(address) for phrase in self.phrases) else ""


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
            _Phrase(
                f"phrase {n}",
                _pattern(path, n, row),
                _spelt(row.get("text", "")),
                row.get("replacement", DEFAULT_REPLACEMENT),
            )
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
        return re.compile(rf"(?<!\w){words}(?!\w)" if _is_of_words(text) else words, re.I)
    try:
        pattern = re.compile(row["regex"])
    except (re.error, RecursionError, OverflowError) as error:
        raise SettingError(f"{path}: phrase {number} is no regular expression: {error}.") from error
    if pattern.match(""):
        raise SettingError(f"{path}: phrase {number} matches nothing at all, and so everywhere.")
    return pattern


def _is_of_words(text: str) -> bool:
    """Whether a text begins and ends with a letter or a digit: "Jane Doe", not "C++"."""
    return text[:1].isalnum() and text[-1:].isalnum()


def _spelt(text: str) -> re.Pattern[str] | None:
    """Finds a text in the letters of an address, "Zoë O'Neil" as ``zoe-oneil`` or ``zoe_o_neil``; None for one like "C++"."""
    words = (re.findall(r"[^\W_]+", word) for word in _bare(text).split())
    pattern = r"[\W_]+".join(r"[\W_]*".join(parts) for parts in words if parts)
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])", re.I) if _is_of_words(text) else None


def _bare(text: str) -> str:
    """A text without accents."""
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter))


def _letters(address: str, bare: bool) -> tuple[str, Sequence[int]]:
    """The letters of an address, percent-encoding undone, and where each begins and the last one ends; ``bare``: no accents."""
    if address.isascii() and "%" not in address:
        return address, range(len(address) + 1)
    letters: list[str] = []
    places, at = [0], 0
    for number, part in enumerate(_ESCAPED.split(address)):
        escaped = number % 2 == 1
        for letter in unquote(part, errors="surrogateescape") if escaped else part:
            at += 3 * len(letter.encode("utf-8", "surrogateescape")) if escaped else 1
            found = _bare(letter) if bare else letter
            letters += found
            # A mark that is left out goes with the letter before it.
            places[-1:] = [*[places[-1]] * len(found), at]
    return "".join(letters), places


def _without(phrase: _Phrase, draft: Draft) -> Draft:
    """The draft without a phrase."""
    return draft._replace(
        locator=phrase.sub_spelt(draft.locator),
        url=phrase.address(draft.url),
        anchor=phrase.address(draft.anchor),
        title=phrase.sub(draft.title),
        author=phrase.sub(draft.author),
        author_url=phrase.address(draft.author_url),
        domains=tuple(filter(phrase.address, draft.domains)),
        addresses=tuple(filter(phrase.address, draft.addresses)),
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
    value = unescape(found[2])
    return found[0] if not value or phrase.address(value) else ""
