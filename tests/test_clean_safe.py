"""Archived HTML to HTML that the reading view may show."""

import re
import time
from html import escape

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean.safe import ATTRIBUTES, REL, TAGS, safe_html, web_address
from tests.test_clean_text import BLOCK, GONE, HTML, INLINE

BASE = "http://blog.example.org/2008/05/a-post/"
A = f' rel="{REL}">'

SAFE = {
    # kept as it is
    "<p>One <b>two</b> <em>three</em>.</p>": "<p>One <b>two</b> <em>three</em>.</p>",
    "plain & simple": "plain &amp; simple",
    '"quoted" > all\xa0': '"quoted" &gt; all&nbsp;',
    "<pre><code>a\n  b</code></pre>": "<pre><code>a\n  b</code></pre>",
    "<dl><dt>a</dt><dd>b</dd></dl><details open><summary>c</summary>d</details>": (
        '<dl><dt>a</dt><dd>b</dd></dl><details open=""><summary>c</summary>d</details>'
    ),
    "<table><tr><td colspan=2>a</table>": '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
    "<figure><img src=http://a.example/x alt=y><figcaption>z</figcaption></figure>": (
        '<figure><img src="http://a.example/x" alt="y" loading="lazy"><figcaption>z</figcaption></figure>'
    ),
    # closed, dropped
    "<p>One<p>Two": "<p>One</p><p>Two</p>",
    "<div><blockquote>a": "<div><blockquote>a</blockquote></div>",
    '<p class="x" id="y" style="color:red" onclick="z()" data-w="v">a</p>': "<p>a</p>",
    "<font size=7>a</font><span class=b>b</span><!-- c --><!--more-->": "ab",
    "a<script>b</script><style>c</style><noscript>d</noscript><svg><text>e</text></svg>f": "af",
    "<form action=x><label>a</label><input name=b><textarea>c</textarea><button>d</button></form>": "<div>a</div>",
    "c\x01d\x92s \ud800": "cd’s ",
    "<p>c\x01d\x92s \ud800&#1;&#146;</p>": "<p>cd’s ’</p>",
    "<pre>\n\n\na</pre>": "<pre>a</pre>",
    # renamed
    "<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4>": "<h3>a</h3><h3>b</h3><h3>c</h3><h4>d</h4>",
    "<article><center>a</center><section>b</section></article>": "<div><div>a</div><div>b</div></div>",
    "<tt>a</tt> <strike>b</strike> <acronym title=c>d</acronym>": '<code>a</code> <s>b</s> <abbr title="c">d</abbr>',
    # addresses
    "<a href=https://a.example/?b=1&c=2 target=_blank>x</a>": f'<a href="https://a.example/?b=1&amp;c=2"{A}x</a>',
    "<a href=//a.example/>x</a>": f'<a href="https://a.example/"{A}x</a>',
    "<a href=/x>x</a><a href=#fn1>y</a><a href=mailto:a@example.org>z</a>": f"<a{A}x</a><a{A}y</a><a{A}z</a>",
    "<img src=x.jpg alt=x><img src=data:image/png;base64,AA>": '<img alt="x" loading="lazy"><img loading="lazy">',
    "<img src=http://a.example/ width=100% height=99999999 srcset=b>": '<img src="http://a.example/" loading="lazy">',
    # frames
    '<iframe width=3 src="https://www.youtube.com/embed/x"></iframe>': (
        f' <a href="https://www.youtube.com/embed/x"{A}https://www.youtube.com/embed/x</a> '
    ),
    "<object><param name=movie value=y><embed src='//a.example/v/x'></embed></object>": (
        f' <a href="https://a.example/v/x"{A}a.example/v/x</a> '
    ),
    '<iframe src="javascript:alert(1)"></iframe>a': "a",
    # shortcodes
    '[caption id="b" width="3"]<img src="http://a.example/x" /> At <i>sea</i>[/caption]': (
        '<figure><img src="http://a.example/x" loading="lazy"><figcaption>At <i>sea</i></figcaption></figure>'
    ),
    "[youtube=http://youtu.be/abc]": f'<a href="http://youtu.be/abc"{A}http://youtu.be/abc</a>',
    "[gallery]He [sic] said [1]": "<figure></figure>He [sic] said [1]",
    "[[gallery]] [sic]": "&#91;gallery] &#91;sic]",
    "[code]<b>[gallery]</b>[/code]": "<pre><code>&lt;b&gt;&#91;gallery]&lt;/b&gt;</code></pre>",
    "": "",
}


@pytest.mark.parametrize("html", SAFE)
def test_safe_html(html: str) -> None:
    assert safe_html(html) == SAFE[html]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("../x.html", "http://blog.example.org/2008/05/x.html"),
        ("/x?y#z", "http://blog.example.org/x?y#z"),
        ("#fn1", BASE + "#fn1"),
        ("//a.example/b", "https://a.example/b"),
        (" HTTP://A.example/b\n", "HTTP://A.example/b"),
        ("", None),
        ("http:///", None),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("http://[bad", "http://[bad"),
        ("//[bad]]/", None),
    ],
)
def test_addresses_are_resolved(url: str, address: str | None) -> None:
    assert web_address(url, BASE) == address


def test_links_and_images_are_resolved_against_the_page() -> None:
    html = '<a href="../b">x</a><img src="c.jpg">'
    assert safe_html(html, base_url=BASE) == (
        f'<a href="http://blog.example.org/2008/05/b"{A}x</a><img src="{BASE}c.jpg" loading="lazy">'
    )
    assert safe_html(html, base_url="not an address") == f'<a{A}x</a><img loading="lazy">'


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("One\ntwo\n\nthree & four", "<p>One<br>\ntwo</p>\n<p>three &amp; four</p>\n"),
        ("<em>One</em>\n\n<ul>\n<li>a</li>\n</ul>\ntwo", "<p><em>One</em></p>\n<ul>\n<li>a</li>\n</ul><p>two</p>\n"),
        ("<!-- wp:paragraph -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->", "\n<p>a\nb</p>\n"),
        ("One\n\n[sourcecode]a\n\nb[/sourcecode]", "<p>One</p>\n<pre><code>a\n\nb</code></pre>"),
    ],
)
def test_newlines_make_paragraphs_under_autop(html: str, safe: str) -> None:
    assert safe_html(html, autop=True) == safe


VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=http://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script >",
    "<<script>alert(1);//<</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:alert(alt) onerror=eval(src) alt=0>",
    "<img/src=`x`onerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    '<img src="java\tscript:alert(1)">',
    "<img src=javascript:alert(1)>",
    "<img src='jav&#x0A;ascript:alert(1);'>",
    "<img src=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>",
    "<img src=' &#14;  javascript:alert(1);'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='javas\x00cript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<a href='http://a.example/' onmouseover=alert(1) style='x:expression(alert(1))'>x</a>",
    '<a href="http://a.example/&quot; onclick=&quot;alert(1)">x</a>',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><a xlink:href='javascript:alert(1)'>x</a></math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<embed src='//evil.example/x.swf' allowscriptaccess=always>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<form><button formaction=javascript:alert(1)>x</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<body onload=alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<base href=javascript:alert(1)//>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<table background=javascript:alert(1)><td>x</table>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<p id=a name=b class=c>x</p>",
    '[caption caption="<script>alert(1)</script>"]<img src=x>[/caption]',
    '[youtube=http://a.example/?"onclick=alert(1)]',
    "[embed]javascript:alert(1)[/embed]",
    "[code]</pre><script>alert(1)</script>[/code]",
    "[caption]<img src=x onerror=alert(1)> <svg/onload=alert(1)>[/caption]",
]


def faults(html: str) -> list[str]:
    """What in ``html``, as Beautiful Soup reads it, the reading view does not allow."""
    found = []
    for element in BeautifulSoup(f"<body>{html}</body>", "lxml").find_all():
        known = ATTRIBUTES["*"] | ATTRIBUTES.get(element.name, set())
        known |= {"a": {"rel"}, "img": {"loading"}}.get(element.name, set())
        if element.name not in TAGS | {"html", "body"}:
            found.append(f"<{element.name}>")
        found += [f"{name} of <{element.name}>" for name in element.attrs if name not in known]
        addresses = [str(element[name]) for name in ("href", "src") if name in element.attrs]
        found += [address for address in addresses if not re.match("https?://[^/]", address, re.IGNORECASE)]
        if element.name == "a" and element.get_attribute_list("rel") not in (REL.split(), [REL]):
            found.append("link without rel")
    return found


@pytest.mark.parametrize("vector", VECTORS)
def test_attacks_are_inert(vector: str) -> None:
    """With and without a base, as they are and inside other elements, also in what HTML 5 would repair."""
    for html in (
        vector,
        f"<p>a {vector} b",
        f"<table><tr>{vector}",
        f"<b><p>{vector}</b>",
        f"[caption]{vector}[/caption]",
    ):
        for base_url in ("", BASE, "javascript:alert(1)//"):
            assert faults(safe_html(html, autop=True, base_url=base_url)) == []


def test_the_check_finds_faults() -> None:
    """Else the properties here would prove nothing."""
    html = "<p onclick=x><script></script><a href='javascript:1'>a</a><img src=/x>"
    assert faults(html) == ["onclick of <p>", "<script>", "javascript:1", "link without rel", "/x"]


ODD = st.sampled_from(
    [
        "<svg>", "<math>", "<mtext>", "<style>", "</style>", "<!--", "-->", "<title>", "<select>", "<option>", "<plaintext>",
        "<form>", "</form>", "<table>", "<caption>", "</p>", "<nobr>", "<a href='http://a.example/'>", "<object>", "<applet>",
        "<pre>\n\n", "<h1>", "<legend>", "<frameset>", "<ruby><rt>", "<dd>", "<menu>", "<button>", "<marquee>", "</br>",
        "<isindex>", "<image src=x>", "<tt>", "&#13;", "&#0;", "\f", "<a href='javascript:x'>", "<img src='data:x' onerror=x>",
        "<iframe src=//a.example/>", "<embed src='http://a.example/\"'>", "[[gallery]]", "&#91;gallery]", "[caption]",
        "[/caption]", "[code]", "[/code]", "[youtube ABCDEFGHIJK]", "<font><big>",
    ]
)  # fmt: skip
NAMES = st.sampled_from([*INLINE, *BLOCK, *GONE, "form", "h1", "legend", "button", "tbody", "caption"])
SOUP = st.lists(st.builds("<{}>".format, NAMES) | st.builds("</{}>".format, NAMES) | ODD | st.just("x"), max_size=14)
HOSTILE_HTML = HTML | SOUP.map("".join) | st.text("<>/&;='\"! -abipre\n[]:x", max_size=40) | st.text()


@given(HOSTILE_HTML, st.booleans(), st.sampled_from(["", BASE]))
def test_only_what_is_allowed_comes_out(html: str, autop: bool, base_url: str) -> None:
    assert faults(safe_html(html, autop=autop, base_url=base_url)) == []


@given(HOSTILE_HTML, st.booleans(), st.sampled_from(["", BASE]))
def test_sanitising_twice_is_sanitising_once(html: str, autop: bool, base_url: str) -> None:
    """So the browser reads what nh3 wrote, not something that it makes of it."""
    once = safe_html(html, autop=autop, base_url=base_url)
    assert safe_html(once, base_url=base_url) == once


@given(st.text("ab &<>\"'\xa0\r\n\t\x01\x92", max_size=20).filter(lambda text: "<" not in text and "&" not in text))
def test_text_without_markup_is_what_it_would_be_with(text: str) -> None:
    """The short way for it and the long way agree."""
    assert safe_html(text) == safe_html(text + "<b></b>").removesuffix("<b></b>")


HOSTILE = {
    "deep": "<ul><li>" * 100_000,
    "unclosed formatting": "<p>" + "".join(f"<b title={i}>" for i in range(900)) + "<p>x" * 900,
    "more unclosed formatting": "<p>" + "".join(f"<b title={i}>" for i in range(20_000)) + "<p>x" * 20_000,
    "attributes": "<a " + " ".join(f"x{i}=1" for i in range(400_000)) + ">",
    "less-than": "<" * 2_000_000,
    "frames": "<iframe " * 600_000,
    "frames with src": "<iframe src=" * 300_000,
    "blocks that never end": "<div " * 600_000,
    "newlines": "\n" * 3_000_000 + "x<b>",
    "spaces": " " * 3_000_000 + "x<b>",
    "line breaks": "<br> " * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_takes_bounded_time_and_room(name: str) -> None:
    """Up to 5 MB, in time that no quadratic step would allow; the output is not many times the input."""
    html = HOSTILE[name]
    start = time.perf_counter()
    safe = safe_html(html, autop=True)
    assert time.perf_counter() - start < 30
    assert len(safe) < 10 * (len(html) + 1000)


def test_a_very_long_post_keeps_its_structure() -> None:
    """Beyond the bound formatting goes; paragraphs, links, lists and code stay."""
    html = "<p>a <b>b</b> <a href='/c' onclick=x>c</a><br>d<pre>e\n f</pre><script>g</script>" * 500
    each = f'<p>a b <a href="http://blog.example.org/c"{A}c</a><br>d</p><pre>e\n f</pre>'
    assert safe_html(html, base_url=BASE) == each * 500


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # The filter drops src, and nh3 puts the last attribute in its place.
        ('<img loading="lazy" src="a.png" alt="x" width="3">', '<img alt="x" width="3" loading="lazy">'),
        # No host: nh3 passes "//..." over, and would refuse the address made of it.
        ('<a href="//Lerappa 132/125">x</a>', f'<a rel="{REL}">x</a>'),
        ('<a href="//1.2.3.999/">x</a>', f'<a rel="{REL}">x</a>'),
        ('<a href="//e.example:80/a b">x</a>', f'<a href="https://e.example:80/a b" rel="{REL}">x</a>'),
    ],
)
def test_what_is_safe_stays_as_it_is(html: str, expected: str) -> None:
    assert safe_html(html) == safe_html(safe_html(html)) == expected


@given(st.text(alphabet="ab.:/@[]%2 #?\\^|<é0-", max_size=15), st.sampled_from(["//", "https://", "http:", "", "/"]))
def test_any_address_is_made_safe_once(rest: str, start: str) -> None:
    html = f'<p><a href="{escape(start + rest)}">x</a> <img loading="lazy" src="{escape(start + rest)}" alt="y"></p>'
    safe = safe_html(html, base_url="https://e.example/a/")
    assert safe_html(safe, base_url="https://e.example/a/") == safe
