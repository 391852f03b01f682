"""Cards of Ghost's editor in, HTML out: what an author put into a post that is no text (a picture, a bookmark, a callout).

The editors of Ghost 1 to 4 (mobiledoc) and of Ghost 5 on (lexical) have the same cards with the same fields. The HTML follows
that of Ghost's own renderers (https://github.com/TryGhost/Koenig, packages/kg-default-cards and kg-default-nodes) in what it
says; classes, players and icons are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from indexer.sources.ghost.values import Row, rows, text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# The editors' other names for a card.
_OTHER_NAMES = {"card-markdown": "markdown", "code": "codeblock", "hr": "horizontalrule", "html-card": "html"}


def card(name: str, fields: Any) -> str:
    """The HTML of a card; of one that is unknown, whatever it has for HTML, Markdown or text."""
    if not isinstance(fields, dict) or not is_public(fields):
        return ""
    render = _CARDS.get(_OTHER_NAMES.get(name, name), _unknown)
    return render(fields)


def is_public(fields: Row) -> bool:
    """Whether visitors of the site see the card: it may be for members, or for the newsletter alone."""
    visibility = fields.get("visibility")
    if not isinstance(visibility, dict):
        return True
    web = visibility.get("web")
    seen = web.get("nonMember", True) if isinstance(web, dict) else visibility.get("showOnWeb", True)
    return seen is not False


def markdown(source: str) -> str:
    """Markdown as Ghost renders it: HTML stays, a newline is a line break, with tables and footnotes."""
    return str(_markdown().render(source)) if source else ""


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    rendered = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    return rendered.use(footnote_plugin)


# --- pieces -----------------------------------------------------------------------------------------------------------


def _get(fields: Row, *names: str) -> str:
    """The first of these fields that holds text."""
    return next((value for name in names if (value := text(fields.get(name)).strip())), "")


def _plain(fields: Row, *names: str) -> str:
    return escape(_get(fields, *names), quote=False)


def _link(url: str, label: str) -> str:
    return f'<a href="{escape(url)}">{label}</a>' if url else label


def _element(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag}>" if content else ""


def _figure(content: str, fields: Row) -> str:
    """``content`` over its caption, which is HTML."""
    caption = _element("figcaption", _get(fields, "caption"))
    return f"<figure>{content}{caption}</figure>" if content or caption else ""


def _img(fields: Row) -> str:
    source = _get(fields, "src", "url")
    alt, title = _get(fields, "alt"), _get(fields, "title")
    named = f' title="{escape(title)}"' if title else ""
    return f'<img src="{escape(source)}" alt="{escape(alt)}"{named}>' if source else ""


# --- cards ------------------------------------------------------------------------------------------------------------


def _image(fields: Row) -> str:
    image = _img(fields)
    return _figure(_link(_get(fields, "href"), image) if image else "", fields)


def _gallery(fields: Row) -> str:
    images = "".join(_img({**image, "url": image.get("src")}) for image in rows(fields.get("images")))
    return _figure(images, fields)


def _codeblock(fields: Row) -> str:
    language = _get(fields, "language")
    kind = f' class="language-{escape(language)}"' if language else ""
    code = escape(text(fields.get("code")), quote=False)
    return _figure(f"<pre><code{kind}>{code}</code></pre>" if code else "", fields)


def _embed(fields: Row) -> str:
    url = _get(fields, "url")
    return _figure(_get(fields, "html") or (_link(url, escape(url, quote=False)) if url else ""), fields)


def _bookmark(fields: Row) -> str:
    """A link to another page with what that page said of itself."""
    found = fields.get("metadata")
    about: Row = found if isinstance(found, dict) else fields
    url = _get(fields, "url") or _get(about, "url")
    title = _plain(about, "title") or escape(url, quote=False)
    lines = [
        _plain(about, "description"),
        " · ".join(filter(None, (_plain(about, "author"), _plain(about, "publisher")))),
    ]
    return _figure(_element("p", _link(url, title)) + "".join(_element("p", line) for line in lines), fields)


def _callout(fields: Row) -> str:
    emoji, said = _plain(fields, "calloutEmoji"), _get(fields, "calloutText")
    return _element("div", f"{emoji} {said}".strip())


def _toggle(fields: Row) -> str:
    return _element("h4", _get(fields, "heading")) + _element("div", _get(fields, "content"))


def _button(fields: Row) -> str:
    label = _plain(fields, "buttonText")
    return _element("p", _link(_get(fields, "buttonUrl"), label) if label else "")


def _product(fields: Row) -> str:
    image = _img({"src": fields.get("productImageSrc")})
    label = _plain(fields, "productButton")
    button = _element("p", _link(_get(fields, "productUrl"), label) if label else "")
    description = _element("div", _get(fields, "productDescription"))
    return image + _element("h4", _get(fields, "productTitle")) + description + button


def _header(fields: Row) -> str:
    return _element("h2", _get(fields, "header")) + _element("p", _get(fields, "subheader")) + _button(fields)


def _call_to_action(fields: Row) -> str:
    label = _element("p", _get(fields, "sponsorLabel")) if fields.get("hasSponsorLabel") else ""
    image = _img({"src": fields.get("imageUrl")})
    return (
        label
        + image
        + _element("div", _get(fields, "textValue"))
        + (_button(fields) if fields.get("showButton") else "")
    )


def _file(fields: Row) -> str:
    """A file, sound or film to download: its name, and what the author says of it."""
    label = _plain(fields, "fileTitle", "title", "fileName") or escape(_get(fields, "src"), quote=False)
    about = _element("p", _plain(fields, "fileCaption"))
    return _figure(_element("p", _link(_get(fields, "src"), label)) + about, fields)


def _before_after(fields: Row) -> str:
    both = [fields.get("beforeImage"), fields.get("afterImage")]
    return _figure("".join(_img(image) for image in both if isinstance(image, dict)), fields)


def _nothing(fields: Row) -> str:
    """For members or by e-mail, or a form."""
    return ""


def _unknown(fields: Row) -> str:
    return _get(fields, "html") or markdown(_get(fields, "markdown")) or _element("p", _plain(fields, "text", "title"))


_CARDS: dict[str, Callable[[Row], str]] = {
    "image": _image,
    "gallery": _gallery,
    "html": lambda fields: _get(fields, "html"),
    "markdown": lambda fields: markdown(text(fields.get("markdown"))),
    "codeblock": _codeblock,
    "embed": _embed,
    "bookmark": _bookmark,
    "callout": _callout,
    "toggle": _toggle,
    "button": _button,
    "product": _product,
    "header": _header,
    "call-to-action": _call_to_action,
    "file": _file,
    "audio": _file,
    "video": _file,
    "before-after": _before_after,
    "horizontalrule": lambda fields: "<hr>",
    "email": _nothing,
    "email-cta": _nothing,
    "paywall": _nothing,
    "signup": _nothing,
    "collection": _nothing,
}
