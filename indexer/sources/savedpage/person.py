"""Names of people, as bylines and comments print them. Never an e-mail address."""

from __future__ import annotations

import re

from indexer.sources.base import person_name
from indexer.sources.savedpage.element import Tag
from indexer.sources.savedpage.tree import attr, line, near, words

_BEFORE = re.compile(
    r"^(?:(?:pingback|trackback|comment|posted|published|written|article)\s*(?:by|from|:)|by|author:|autor:)\s+",
    re.IGNORECASE,
)
# "name says:", "name on May 4, 2008 said:". Without the colon it may be a name (Edward Said).
_AFTER = re.compile(
    r"\s+(?:says?|said|wrote|writes|commented|a dit|dit|sagt|sagte|schreibt|schrieb|dijo|dice|disse|pisze|napisał\(?a?\)?|"
    r"komentuje|zegt|skriver)\s*(?:[:…]|\.{3}).*$|\s*[:,|–—-]+\s*$",
    re.IGNORECASE | re.DOTALL,
)
# A longer one is a sentence that happens to stand where a name belongs.
MAX_NAME = 200


def person(tag: Tag) -> str:
    """The name that an element prints: without "says", "by", and what stands in extra elements beside it."""
    links = (link for link in near(tag) if link.name == "a" and _names_somebody(link))
    name = next((printed for link in links if (printed := line(link, glue=""))), "")
    if not name:
        # "<cite class=fn>Name <span>Post author</span></cite>"
        extra = {id(child) for child in near(tag) if child.name in ("span", "a", "time", "small", "img")}
        name = clean_name(line(tag, extra, glue="")) or line(tag, glue="")
    return clean_name(name)


def clean_name(name: str) -> str:
    """A name without the words around it, as `person_name` lets it pass; "" for what is too long to be one."""
    name = person_name(_AFTER.sub("", " " + _BEFORE.sub("", name.strip())))
    return name if len(name) <= MAX_NAME else ""


def _names_somebody(link: Tag) -> bool:
    """Whether a link in an author element is the author's own: not the comment's permalink, not "reply"."""
    href = attr(link, "href")
    return (
        bool(href)
        and "#comment" not in href
        and "replytocom=" not in href
        and not {*words(link)} & {"cmd", "comment-reply-link"}
    )
