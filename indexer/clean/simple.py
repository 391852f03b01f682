"""Bodies that every parser reads alike: most comments, and posts of text with emphasis, links, quotations and lists.

HTML in, its texts and tags out, or None where a real parser has to say what it means. Only lower-case tags that are written
as the standard prints them are taken, each closed where it was opened, so that nothing is repaired, moved or dropped.
"""

from __future__ import annotations

import re

_INLINE = "b cite code del em i ins q s small strong sub sup u".split()
# Where blocks may stand, "" being the body itself. (A paragraph in a paragraph, for one, would end that.)
_ANYWHERE = frozenset(["", "blockquote", "li"])
_LISTS = frozenset(["ul", "ol"])
_PARENTS = {**dict.fromkeys(["p", "blockquote", "ul", "ol"], _ANYWHERE), "li": _LISTS}
# Hosts that need no thought: no numbers, ports or Punycode, of which some are none.
_HOST = r"(?![^/?#\"]*[xX][nN]--)(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]+"
_LINK = rf'a href="https?://{_HOST}(?:[/?#](?:[^\s"<>&]|&amp;)*)?"(?: title="[^"<>&]*")?(?: rel="[^"<>&]*")?'
_OTHER = re.compile(rf"<(?!/?(?:{'|'.join([*_PARENTS, *_INLINE])})>|/a>|br ?/?>|{_LINK}>)")
_TAG = re.compile(r"<(/?[a-z]+)[^<>]*>")
_ADDRESS = re.compile(r'<a href="([^"]*)"')
# References that mean the same to everybody; the numbers are those of typographic quotes and dashes.
_REFERENCE = re.compile(r"&(?:amp|lt|gt|nbsp|quot|#8\d{3});")


def pieces(html: str) -> list[str] | None:
    """Text, the name of a tag ("p", "/p"), text, and so on, beginning and ending with text; None when ``html`` is not simple.

    In simple HTML all references are of `_REFERENCE`, links have absolute addresses, and there are no carriage returns. Never
    raises; linear.
    """
    if _OTHER.search(html) or "\r" in html or ("&" in html and html.count("&") != len(_REFERENCE.findall(html))):
        return None
    found = _TAG.split(html)
    if html.count(">") != len(found) // 2:
        return None
    open_elements = [""]
    for name in found[1::2]:
        parent = open_elements[-1]
        if name[0] == "/":
            if open_elements.pop() != name[1:]:
                return None
        elif name in _PARENTS:
            if parent not in _PARENTS[name]:
                return None
            open_elements.append(name)
        elif parent in _LISTS or (name == "a" and "a" in open_elements):
            return None
        elif name != "br":
            open_elements.append(name)
    return found if len(open_elements) == 1 else None


def links(html: str) -> list[str]:
    """Where the links of simple HTML lead, references in them as they are."""
    return _ADDRESS.findall(html) if "<a " in html else []
