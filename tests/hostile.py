"""A WordPress export in which every field attacks whoever reads it: two posts, one of them too wide as well."""

from __future__ import annotations

from html import escape

# Each is tried as title, author, category, tag, commenter and query. `window.__hacked` tells that one of them ran.
HOSTILE = (
    "<script>window.__hacked = 1</script>",
    '"><img src=x onerror="window.__hacked = 1">',
    "'-alert(1)-' onfocus=window.__hacked=1 autofocus x='",
    "javascript:window.__hacked=1",
    "</title></textarea><svg onload=window.__hacked=1>",
    "{{ 7 * 7 }}${7*7}<iframe srcdoc='<script>parent.__hacked=1</script>'>",
)
# An export holds HTML, names that went through two databases hold it twice: each of these comes out as another text.
_NAMES = (*HOSTILE, *map(escape, HOSTILE), *(escape(escape(words)) for words in HOSTILE))
_BODY = """<p onclick="window.__hacked=1" style="position:fixed;inset:0">An honest beginning.</p>EXTRA
<script>window.__hacked = 1</script><style>* { display: none }</style><base href="http://evil.example.com/">
<meta http-equiv="refresh" content="0;url=http://evil.example.com/"><link rel="stylesheet" href="http://evil.example.com/a.css">
<img src="http://evil.example.com/x.png" onerror="window.__hacked=1">
<svg onload="window.__hacked=1"><script>window.__hacked=1</script></svg>
<iframe src="javascript:parent.__hacked=1"></iframe><object data="data:text/html,x"></object>
<a href="javascript:window.__hacked=1">one</a> <a href="JaVa&#9;script:window.__hacked=1">two</a>
<a href="data:text/html,&lt;script&gt;window.__hacked=1&lt;/script&gt;">three</a>
<form action="http://evil.example.com/"><input autofocus onfocus="window.__hacked=1"><button>Go</button></form>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__hacked=1&gt;">"""
_WIDE = (
    f"wide {'endless' * 60} <table><tr>{'<td>a cell of words</td>' * 40}</tr></table>"
    f"<pre>{'x = 1; ' * 100}{'y' * 300}</pre>"
    f"<a href='http://long.example.com/{'path' * 80}'>http://long.example.com/{'path' * 80}</a>"
)


def export() -> str:
    """The export, WXR 1.2."""
    posts = [
        _item(1, escape(HOSTILE[0]), HOSTILE[2], "javascript:window.__hacked=1", _body("narrow")),
        _item(2, " ".join(_NAMES), HOSTILE[4], "http://blog.example.org/2", _body(_WIDE)),
    ]
    title = _cdata(escape(HOSTILE[0]))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>{title}</title><link>javascript:window.__hacked=1</link><description>{title}</description>
<wp:wxr_version>1.2</wp:wxr_version>{"".join(posts)}</channel></rss>"""


def _item(number: int, title: str, author: str, link: str, body: str) -> str:
    names = "".join(
        f'<category domain="{domain}" nicename="n{n}">{_cdata(term)}</category>'
        for domain in ("category", "post_tag")
        for n, term in enumerate(_NAMES)
    )
    return f"""<item><title>{_cdata(title)}</title><link>{link}</link><dc:creator>{_cdata(author)}</dc:creator>
<content:encoded>{_cdata(body)}</content:encoded><wp:post_id>{number}</wp:post_id>
<wp:post_date>2010-0{number}-03 10:00:00</wp:post_date><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
{names}{"".join(_comment(number * 100 + n, name) for n, name in enumerate(_NAMES))}</item>"""


def _comment(number: int, author: str) -> str:
    return f"""<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>{_cdata(author)}</wp:comment_author>
<wp:comment_author_url>javascript:window.__hacked=1</wp:comment_author_url><wp:comment_date>2010-05-03 10:00:00</wp:comment_date>
<wp:comment_content>{_cdata(_body(f"<p>An honest comment. {author}</p>"))}</wp:comment_content>
<wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type><wp:comment_parent>0</wp:comment_parent></wp:comment>"""


def _body(extra: str) -> str:
    return _BODY.replace("EXTRA", extra)


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"
