"""Links between archived posts: an address of the dead blog in, the place on this site out.

Only addresses on the blog's own hosts are looked up, each page once, and no more than `MAX_LOOKUPS` per thread: a page full of
links costs what a page of some hundred costs.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urldefrag

from indexer.engine.port import Document
from indexer.permalinks import host_of, normalise

# A lookup takes a quarter of a millisecond. The posts of two real blogs have up to 15 distinct links to their own blog, a list of
# all posts may have more.
MAX_LOOKUPS = 100

Find = Callable[[str], Document | None]
# The path of a post's reading view from its id.
PostPath = Callable[[str], str]


class CrossLinks:
    """The links of the thread of ``post``: ``find`` knows what stands at an address, ``path`` where that is shown.

    The blog's hosts are those of the addresses of ``post``, and of ``blog``, its front page.
    """

    def __init__(self, post: Document, blog: str, find: Find, path: PostPath) -> None:
        self._find, self._path, self._post = find, path, post.id
        addresses = [post.permalink, *post.addresses]
        self._hosts = {host for address in (*addresses, blog) if (host := host_of(address))}
        # By page, "" for one that the archive does not have.
        self._known = {page: post.id for address in addresses if (page := normalise(address))}
        self._left = MAX_LOOKUPS

    def __call__(self, address: str) -> str:
        """Where a link to ``address`` leads on this site, a place in this page being its fragment; "" for out of here.

        Fragments stay, as the reading view has the names of the comments' old places.
        """
        # Most links lead elsewhere, which is seen in a tenth of the time that reading a host takes.
        if address.isascii() and not any(host in address.lower() for host in self._hosts):
            return ""
        if host_of(address) not in self._hosts:
            return ""
        thread = self._thread(normalise(address))
        if not thread:
            return ""
        fragment = urldefrag(address).fragment
        if thread == self._post:
            return f"#{fragment or 'main'}"
        return self._path(thread) + (f"#{fragment}" if fragment else "")

    def _thread(self, page: str) -> str:
        if page not in self._known:
            if not self._left:
                return ""
            self._left -= 1
            found = self._find(page)
            self._known[page] = found.thread if found else ""
        return self._known[page]
