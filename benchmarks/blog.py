"""A made-up blog of any size: a WordPress export, the same blog as cleaned JSON lines, and eleven queries on it.

Words follow Zipf's law over 150,000 made-up words with English endings, and nearly one in three is an English stop word.
Posts are log-normal around 470 words with links, emphasis and block quotes, comments around 60. Sixty categories and
ten years of dates are skewed as real ones are. A seed always gives the same blog, to the byte, so that figures taken on
different days are about the same documents.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEED = 7
# Of eleven documents one is a post: ten comments each, as on a blog that is read.
DOCUMENTS_PER_POST = 11
_SYLLABLES = (
    "ba con der fi gra hu in jo ka lo mi na or pre qui ro sta ter un vi wa xe yo za tion ment ist al er ing".split()
)
_ENDINGS = ("", "", "s", "ed", "ing", "ly")
_STOP_WORDS = "the of and to a in is that it was for on are as with his they be at this".split()
_VOCABULARY = 150_000
_CATEGORIES = 60
_START = datetime(2005, 1, 1, 8)
_MINUTES = 5_256_000  # ten years
_UTC_OFFSET = timedelta(hours=5)
# Two queries that `benchmarks.targets` asks for by name.
MOST_COMMON, EITHER_OF_THREE = "most common word", "either of three common"
# The queries are made of words ranked by the posts they are in; so many posts tell.
_RANKED_POSTS = 4000

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n'
    '<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n'
    "<title>Made-up blog</title><link>http://blog.example.com</link><wp:wxr_version>1.2</wp:wxr_version>\n"
    "<wp:base_site_url>http://blog.example.com</wp:base_site_url>"
    "<wp:base_blog_url>http://blog.example.com</wp:base_blog_url>\n"
)
_TAIL = "</channel></rss>\n"


@dataclass(frozen=True, slots=True)
class Blog:
    """The files of a blog that was written to ``folder``."""

    folder: Path
    posts: int
    comments: int

    @property
    def export(self) -> Path:
        """The WordPress export."""
        return self.folder / "export.xml"

    @property
    def documents(self) -> Path:
        """One JSON object per document: id, kind, thread, title, body, author, cats, date."""
        return self.folder / "documents.jsonl"

    def queries(self) -> dict[str, str]:
        """What each query is like, and its text."""
        queries: dict[str, str] = json.loads((self.folder / "queries.json").read_text(encoding="utf-8"))
        return queries


def cached(root: Path, documents: int, seed: int = SEED) -> Blog:
    """A blog of this many documents in a folder of ``root``, written unless it is there."""
    posts = max(1, documents // DOCUMENTS_PER_POST)
    blog = Blog(root / f"blog-{documents}-{seed}", posts, documents - posts)
    if not blog.folder.is_dir():
        partial = Blog(root / f"{blog.folder.name}.partial", posts, documents - posts)
        shutil.rmtree(partial.folder, ignore_errors=True)
        partial.folder.mkdir(parents=True)
        write(partial, seed)
        partial.folder.rename(blog.folder)
    return blog


def write(blog: Blog, seed: int = SEED) -> None:
    """Write all three files of ``blog`` into its folder, which must be there."""
    seen: Counter[str] = Counter()
    with ExitStack() as stack:
        xml, lines = (stack.enter_context(path.open("w", encoding="utf-8")) for path in (blog.export, blog.documents))
        xml.write(_HEAD)
        for post, comments in _threads(blog.posts, blog.comments, seed):
            if post.thread < _RANKED_POSTS:
                seen.update(set(post.words))
            xml.write(_post_xml(post) + "".join(map(_comment_xml, comments)) + "</item>\n")
            lines.writelines(map(_line, (post, *comments)))
        xml.write(_TAIL)
    (blog.folder / "queries.json").write_text(json.dumps(_queries(seen), indent=1), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A post or a comment. ``number`` counts posts from 0 and comments from 1; ``thread`` is its post's."""

    kind: str
    number: int
    thread: int
    title: str
    words: list[str]
    html: str
    author: str
    categories: list[str]
    date: datetime

    @property
    def id(self) -> str:
        return f"{self.kind[0]}{self.number}"


class _Language:
    """Draws words, and dresses them in HTML."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._generator = np.random.default_rng(seed)
        self._words: NDArray[np.str_] = np.array(self._vocabulary())
        frequencies = 1 / (np.arange(1, _VOCABULARY + 1) + 2.7) ** 1.05
        self._cumulated = np.cumsum(frequencies / frequencies.sum())

    def _vocabulary(self) -> list[str]:
        words: dict[str, None] = {}
        choice = self._random.choice
        while len(words) < _VOCABULARY:
            word = "".join(choice(_SYLLABLES) for _ in range(self._random.randint(1, 4))) + choice(_ENDINGS)
            if len(word) > 1:
                words.setdefault(word)
        return list(words)

    def text(self, count: int) -> list[str]:
        """So many words, most of every third ones stop words."""
        words: list[str] = self._words[np.searchsorted(self._cumulated, self._generator.random(count))].tolist()
        for place in range(0, count, 3):
            if self._random.random() < 0.9:
                words[place] = self._random.choice(_STOP_WORDS)
        return words

    def html(self, words: list[str], rich: bool) -> str:
        """Paragraphs of sixty words, as WordPress keeps them; with links, emphasis and block quotes when ``rich``."""
        paragraphs = []
        for start in range(0, len(words), 60):
            part = words[start : start + 60]
            if rich or self._random.random() < 0.2:
                k = self._random.randrange(len(part))
                part[k] = f'<a href="http://site{k}.example.com/{start}/" title="to {k}">{part[k]}</a>'
            if rich:
                k = self._random.randrange(len(part))
                part[k] = f"<em>{part[k]}</em>"
            quoted = rich and self._random.random() < 0.3
            paragraphs.append(f"<blockquote>{' '.join(part)}</blockquote>" if quoted else " ".join(part))
        return "\n\n".join(paragraphs)


class _Author:
    """Draws posts and comments. The order of the draws is part of the recipe: another order is another blog."""

    def __init__(self, posts: int, seed: int) -> None:
        self._language = _Language(seed)
        self._draw = np.random.default_rng(seed + 1)
        frequencies = 1 / np.arange(1, _CATEGORIES + 1) ** 1.1
        self._frequencies = frequencies / frequencies.sum()
        self._posts = posts
        self._comments = 0

    def comments_per_post(self, comments: int) -> list[int]:
        posts: list[int] = np.bincount(self._draw.integers(self._posts, size=comments), minlength=self._posts).tolist()
        return posts

    def post(self, number: int) -> _Item:
        size = self._draw.integers(1, 5)
        categories: Any = self._draw.choice(_CATEGORIES, size=size, p=self._frequencies)
        title = " ".join(self._language.text(7))
        words = self._language.text(int(min(3000, self._draw.lognormal(5.9, 0.7))))
        return _Item(
            kind="post",
            number=number,
            thread=number,
            title=title,
            words=words,
            html=self._language.html(words, rich=True),
            author=f"author{number % 5}",
            categories=[f"Category {n}" for n in sorted(set(categories.tolist()))],
            date=_START + timedelta(minutes=int(number * (_MINUTES / self._posts))),
        )

    def comment(self, post: _Item) -> _Item:
        self._comments += 1
        minutes, author = int(self._draw.integers(12_000)), int(self._draw.zipf(1.4)) % 5000
        words = self._language.text(int(min(800, max(3, self._draw.lognormal(3.8, 0.8)))))
        return _Item(
            kind="comment",
            number=self._comments,
            thread=post.thread,
            title="",
            words=words,
            html=self._language.html(words, rich=False),
            author=f"user{author}",
            categories=post.categories,
            date=post.date + timedelta(minutes=minutes),
        )


def _threads(posts: int, comments: int, seed: int) -> Iterator[tuple[_Item, list[_Item]]]:
    author = _Author(posts, seed)
    for number, count in enumerate(author.comments_per_post(comments)):
        post = author.post(number)
        yield post, [author.comment(post) for _ in range(count)]


def _post_xml(post: _Item) -> str:
    """The export's item up to where its comments begin."""
    n, categories = post.number, ((c.lower().replace(" ", "-"), c) for c in post.categories)
    return (
        f"<item><title>{post.title}</title><link>http://blog.example.com/{post.date:%Y/%m/%d}/p{n}/</link>"
        f"<dc:creator><![CDATA[{post.author}]]></dc:creator>"
        f"<content:encoded><![CDATA[{post.html}]]></content:encoded><wp:post_id>{n + 1}</wp:post_id>"
        f"<wp:post_date>{post.date}</wp:post_date><wp:post_date_gmt>{post.date + _UTC_OFFSET}</wp:post_date_gmt>"
        f"<wp:comment_status>open</wp:comment_status><wp:post_name>p{n}</wp:post_name>"
        "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>"
        + "".join(f'<category domain="category" nicename="{s}"><![CDATA[{c}]]></category>' for s, c in categories)
    )


def _comment_xml(comment: _Item) -> str:
    author, date = comment.author, comment.date
    return (
        f"<wp:comment><wp:comment_id>{comment.number}</wp:comment_id>"
        f"<wp:comment_author><![CDATA[{author}]]></wp:comment_author>"
        f"<wp:comment_author_email>{author}@mail.example.com</wp:comment_author_email>"
        "<wp:comment_author_IP>10.1.2.3</wp:comment_author_IP>"
        f"<wp:comment_date>{date}</wp:comment_date><wp:comment_date_gmt>{date + _UTC_OFFSET}</wp:comment_date_gmt>"
        f"<wp:comment_content><![CDATA[{comment.html}]]></wp:comment_content>"
        "<wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type>"
        "<wp:comment_parent>0</wp:comment_parent></wp:comment>"
    )


def _line(item: _Item) -> str:
    """One JSON line: what is left of the item once the HTML is gone."""
    values = {
        "id": item.id,
        "kind": item.kind,
        "thread": item.thread,
        "title": item.title,
        "body": " ".join(item.words),
        "author": item.author,
        "cats": item.categories,
        "date": item.date.isoformat(),
    }
    return json.dumps(values) + "\n"


def _queries(seen: Counter[str]) -> dict[str, str]:
    """Eleven queries of words of known ranks; ``seen`` counts the posts that each word is in."""
    ranked = [word for word, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0]))]
    words = [word for word in ranked if word not in _STOP_WORDS]

    def word(rank: int) -> str:
        return words[min(rank, len(words) - 1)]

    return {
        MOST_COMMON: word(0),
        "common word": word(10),
        "usual word": word(100),
        "rare word": word(1000),
        "rarest word": word(10_000),
        "two words": f"{word(10)} {word(100)}",
        "three common words": f"{word(3)} {word(10)} {word(30)}",
        "either of two": f"{word(10)} OR {word(100)}",
        EITHER_OF_THREE: f"{word(0)} OR {word(5)} OR {word(20)}",
        "phrase": f'"{word(5)} {word(7)}"',
        "but not": f"{word(10)} -{word(20)}",
    }
