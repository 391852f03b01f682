"""How many comments a page says it has, to be held against how many were found.

Themes print WordPress's ``comment_count``, which counts approved comments *and* pingbacks; a few count comments alone. A page
of a divided thread (``comment-page-2``) prints the whole thread's number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.sources.savedpage.element import Tag
from indexer.sources.savedpage.tree import attr, text, words

_NUMBER_WORDS = {
    **dict.fromkeys(
        "no zero aucun aucune pas keine kein sin ningun nessun geen brak zadnych inga ingen nenhum".split(), 0
    ),
    **dict.fromkeys("one un une ein eine uno una um uma een jeden jedna en ett".split(), 1),
    **{word: number for number, word in enumerate("two three four five six seven eight nine ten".split(), 2)},
}
_NOUN = (
    r"(?:responses?|comments?|thoughts?|replies|reply|réponses?|commentaires?|réflexions?|kommentare?n?|antworten|antwort"
    r"|gedanken?|comentarios?|respuestas?|comentários?|respostas?|commenti|commento|risposte|risposta|reacties?|reactions?"
    r"|komentarz[aey]?|komentarzy|odpowiedzi|kommentarer|kommentar|svar|komentář[eů]?)\b"
)
# A number in words counts at the start of a line only: "Laisser un commentaire" asks for one.
_COUNT = re.compile(
    rf"(?:(?<![\w#.-])(?P<count>\d{{1,3}}(?:[,.\u00a0 ]\d{{3}})+|\d+)|^\W*(?P<word>{'|'.join(_NUMBER_WORDS)}))\s+{_NOUN}"
    rf"|^\W*{_NOUN}\s*[:(\[]\s*(?P<after>\d+)",
    re.IGNORECASE,
)
# A heading or a link; a longer text that speaks of comments is prose.
MAX_TEXT = 300
_TITLES = frozenset(
    "comments-title comments_title comments-heading comment-title commentsheading wp-block-comments-title".split()
)
_LINKS = frozenset("comments-link post-comments comments_link commentslink comment-count comments".split())


def announced_comments(page: Tag) -> int | None:
    """The number in ``12 Responses to "..."``, ``One thought on``, ``No comments``; None when the page prints none.

    The heading over the comments counts before the link to them in the byline.
    """
    counts = (count_in(line) for tag in _places(page) if (line := text([tag], glue=" ")))
    return next((count for count in counts if count is not None), None)


def count_in(line: str) -> int | None:
    """The count of comments that one printed line states, or None."""
    if len(line) > MAX_TEXT or not (m := _COUNT.search(line)):
        return None
    if m["word"]:
        return _NUMBER_WORDS[m["word"].lower()]
    # Nobody counted a billion comments; int() refuses very long strings of digits.
    return int(re.sub(r"\D", "", m["count"] or m["after"])[:9])


def _places(page: Tag) -> Iterator[Tag]:
    headings: list[Tag] = []
    links: list[Tag] = []
    for tag in (node for node in page.descendants if isinstance(node, Tag)):
        classes = set(words(tag))
        if attr(tag, "id") in ("comments-title", "comments", "responses") or classes & _TITLES:
            yield tag
        elif tag.name in ("h1", "h2", "h3", "h4", "h5"):
            headings.append(tag)
        elif classes & _LINKS or (tag.name == "a" and attr(tag, "href").endswith(("#comments", "#respond"))):
            links.append(tag)
    # The title of the post may speak of comments too, and stands before them.
    yield from reversed(headings)
    yield from links
