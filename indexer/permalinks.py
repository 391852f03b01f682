"""Permalinks: two addresses of one page become one string. URL in, identity out; nothing is ever fetched.

An identity is ``host/path?query`` without scheme, and is itself a URL that `normalise` leaves alone. The percent-encoding
follows RFC 3986, section 6.2.2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

# Longer is no address that a browser sent: servers refuse beyond 8 KB.
MAX_URL = 8192
# RFC 1035: a host name has at most 253 characters.
MAX_HOST = 253

_SCHEME = re.compile(r"^https?:(?=//)", re.I)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_-])?|\[[0-9a-f:.]+\]")
_AUTHORITY = re.compile(
    r"//(?P<user>[^/?#]*@)?(?P<host>\[[^/?#\]]*\]|[^/?#:]*)(?::(?P<port>[0-9]*))?(?=[/?#]|$)(?P<rest>[^#]*)"
)
# What an ``&amp;`` leaves that nobody decoded, and the equals sign of an empty value.
_LEFTOVER = re.compile(r"^(?:amp;|=)+|=+$")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = re.compile(r"[A-Za-z0-9._~=-]*")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = frozenset(["", "80", "443"])
# A last label that says "file": ``index.html`` alone is a relative link, not a host.
_FILE = re.compile(r".*\.(?:s?html?|php[0-9]?|aspx?|jsp|cgi|xml|txt)", re.I)
# The host of a path alone: RFC 2606 keeps it from being anybody's.
_NO_HOST = "path.invalid"
# Last segments of a path that name the page itself, or one page of its comments.
_SAME_PAGE = re.compile(r"(?:index|default)\.(?:s?html?|php|aspx?)|comment-page-[0-9]+", re.I)

# WordPress's address of a post by its number, normalised.
_SHORT = re.compile(r"(?P<host>[^?]*)\?(?:p|page_id)=\d+")
# A comment's anchor says so, or is a number; other parts of a page have names: #respond, #comments, #more-12, and of Blogger and
# some themes #comment-form.
_COMMENT_ANCHOR = re.compile(
    r"#(?:(?:\w+-)?comment-(?!(?:area|editor|form|holder|list|section)\Z)(?P<name>.+)|c?(?P<number>\d[\w-]*))\Z"
)

# Parameters that change who is counted or which form is open, never which page is shown.
_IGNORED_PREFIXES = ("utm_", "relatedposts_", "pk_", "mtm_", "hsa_")
_IGNORED = frozenset(
    # campaigns and click identifiers
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid igshid igsh mc_cid mc_eid _ga _gl _hsenc _hsmi "
    "hc_location __twitter_impression spref "
    # WordPress: answering, sharing, liking, paging and previewing comments, caches and nonces
    "replytocom share shared nb like_comment like_post liked _wpnonce cpage unapproved moderation-hash doing_wp_cron "
    "preview preview_id preview_nonce "
    # Blogger: a linked comment, a page of comments; and session numbers
    "showcomment commentpage phpsessid jsessionid".split()
)
# Blogger's mobile view is ``m=1``; WordPress's ``m=200805`` is a month and stays.
_IGNORED_PAIRS = frozenset(["m=0", "m=1"])


def host_name(host: str) -> str:
    """``host`` in lower case, in ASCII (IDNA), without ``www.`` and final dot; "" when it cannot be a host."""
    host = host.lower().rstrip(".")
    if len(host) > MAX_HOST:
        return ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower().rstrip(".")
        except UnicodeError:
            return ""
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host if _HOST.fullmatch(host) and ".." not in host else ""


def host_of(address: str) -> str:
    """The `host_name` of an address with a scheme or without; "" when there is none."""
    url = _SCHEME.sub("", address.strip())
    authority = _AUTHORITY.match(url if url.startswith("//") else "//" + url)
    return host_name(authority["host"]) if authority else ""


# The join asks for each address of a post a dozen times, in four rounds over all posts: a third of its time with this and the
# short way in `_encoded` (1.97 s to 0.61 s, under a profiler, for 2,000 posts with 20,000 comments).
@lru_cache(maxsize=16384)
def normalise(url: str) -> str:
    """The identity of a permalink, "" when ``url`` has no host, another scheme than http(s), or is over `MAX_URL` long.

    Scheme, ``www.``, default port, fragment, final slash, ``index.html`` and its kin, ``comment-page-N`` and tracking
    parameters go; other parameters are sorted. A host without a dot keeps ``//``: bare, it would read as a folder.
    """
    url = re.sub(r"[\t\r\n\0]+", "", url[: MAX_URL + 1].strip())
    if len(url) > MAX_URL:
        return ""
    url = _SCHEME.sub("", url)
    bare = not url.startswith("//")
    authority = _AUTHORITY.match("//" + url if bare else url)
    host = host_name(authority["host"]) if authority else ""
    if not authority or not host or (bare and (authority["user"] or not _can_be_bare(host))):
        return ""
    path, _, query = authority["rest"].partition("?")
    port = authority["port"] or ""
    site = host if port in _DEFAULT_PORTS else f"{host}:{port}"
    identity = ("" if _can_be_bare(host) else "//") + site + _path(path) + _query(query)
    return identity if len(identity) <= MAX_URL else ""


def is_identity(url: str) -> bool:
    """Whether ``url`` can tell one post from another: a site's root without a query cannot, many posts may carry it."""
    return bool(re.search("[^/][/?]", normalise(url)))


def spot(address: str) -> tuple[str, str]:
    """What an address of a page or a comment on it means: the page's normalised address, the comment's number or ""."""
    anchor = _COMMENT_ANCHOR.search(address)
    return normalise(address), (anchor["name"] or anchor["number"]) if anchor else ""


def is_short(address: str) -> bool:
    """Whether a normalised address is one by number (``example.org?p=12``)."""
    return bool(_SHORT.fullmatch(address))


def path_alone(address: str) -> str:
    """Path and query of an address, normalised, whether it has a host or is a path; "" for a site's root."""
    if re.match(r"\s*(?:/(?!/)|\?)", address):
        address = f"{_NO_HOST}/{address.strip().removeprefix('/')}"
    found = normalise(address).removeprefix("//")
    return found[re.search("[/?]|$", found).start() :]  # type: ignore[union-attr]  # the end is always found


def _can_be_bare(host: str) -> bool:
    return "." in host and not _FILE.fullmatch(host)


def _path(path: str) -> str:
    segments = [_encoded(segment) for segment in path.split("/") if segment]
    while segments and _SAME_PAGE.fullmatch(segments[-1]):
        segments.pop()
    return "".join("/" + segment for segment in segments)


def _query(query: str) -> str:
    pairs = {_LEFTOVER.sub("", _encoded(pair.replace("+", "%20"))) for pair in query.split("&")}
    kept = sorted(pair for pair in pairs if pair and not _is_ignored(pair))
    return "?" + "&".join(kept) if kept else ""


def _is_ignored(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return name in _IGNORED or name.startswith(_IGNORED_PREFIXES) or pair.lower() in _IGNORED_PAIRS


def _encoded(text: str) -> str:
    """``text`` with the percent-encoding that RFC 3986 prefers: capital digits, and only where it is needed."""
    if _PLAIN.fullmatch(text):
        return text
    text = _ESCAPE.sub(lambda m: _unreserved(m[1]), text)
    text = re.sub(r"%(?![0-9A-F]{2})", "%25", text)
    return quote(text, safe="%!$&'()*+,;=:@~", errors="replace")


def _unreserved(digits: str) -> str:
    character = chr(int(digits, 16))
    return character if character in _UNRESERVED else "%" + digits.upper()
