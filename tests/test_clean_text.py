"""Archived HTML to plain text."""

import re
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean.text import Text, extract
from tests.reference_clean import reference_extract

OWN = {
    # blocks and inline elements
    "<p>One.</p><p>Two.</p>": "One.\nTwo.",
    "<p>One.\n\n<p>Two.": "One.\nTwo.",
    "<b>bold</b>ly": "boldly",
    "a<b> b</b>": "a b",
    "a <b> b </b> c": "a b c",
    "<b>x</b> <i>y</i>": "x y",
    "un<wbr>broken<!-- here -->": "unbroken",
    "one<br>two<br/><br />three<hr>four": "one\ntwo\nthree\nfour",
    "<h2>Head</h2>text": "Head\ntext",
    "<ul><li>a<li>b</ul>c": "a\nb\nc",
    "<dl><dt>term<dd>what it is</dl>": "term\nwhat it is",
    "<table><tr><td>a<td>b<tr><th>c</th><th>d</th></table>": "a b\nc d",
    "<div>a<div>b</div>c</div>": "a\nb\nc",
    "<o:p>office</o:p> <made-up>tag</made-up>": "office tag",
    # white space
    "  a \t\n b&nbsp;&nbsp;c\u3000d ": "a b c d",
    "<pre>x\n  y  z\n\nw</pre>": "x\ny z\nw",
    "<p>x\ny</p>": "x y",
    # characters
    "Ma\u00adhdi A\u200br\ufeffmy &shy;&#8203;": "Mahdi Army",
    "cafe\u0301": "caf\u00e9",
    "a\x00b\x07c\x1fd\x7fe": "abc de",
    "didn\x92t \x93so\x94\x85 &#146;&#133;": "didn’t “so”… ’…",
    "lone \ud800 surrogate": "lone surrogate",
    "\U0001f468\u200d\U0001f469": "\U0001f468\u200d\U0001f469",
    "R&amp;D, AT&T, &lt;b&gt;, &amp;lt;, &hellip;&#x2014;": "R&D, AT&T, <b>, &lt;, …—",
    # what nobody wrote for a reader
    "a<script>if (a < b) '</p>'</script>b<style>p {}</style>c": "abc",
    "a<noscript>n</noscript><template>t</template><iframe>i</iframe><svg><text>s</text></svg>b": "ab",
    "a<object>o</object><select><option>s</select><textarea>t</textarea><button>u</button><input value=v>b": "ab",
    "<p>a</p><!--more--><p>b</p><!--nextpage--><!-- wp:list --><ul><li>c</ul><!-- /wp:list -->": "a\nb\nc",
    "<?php echo 1; ?>a<![CDATA[ b ]]><!DOCTYPE html>c": "ac",
    # images
    'A<img src="x.jpg" alt="The Mahdi Army">B<img src="y.jpg">C': "A The Mahdi Army B C",
    "<img alt='The  boat'>The boat. <img alt='The boat'><p> <a>The <i>boat</i></a> sails</p>": "The boat.\nThe boat sails",
    "<img alt='The boat'>The boats": "The boat The boats",
    "The boat <img alt='The boat'>": "The boat The boat",
    '<figure><img alt="It\'s &amp; so"><figcaption>It&#039;s &amp; so</figcaption></figure>': "It's & so",
    "<img alt=a><img alt=a><img alt=b><blockquote></blockquote>b": "a\nb",
    # not markup, or only just
    "I <3 you, a < b, 5 > 4": "I <3 you, a < b, 5 > 4",
    "a</body></html>b</p>c</div>": "ab c",
    "<p": "",
    "": "",
    " \n ": "",
    # shortcodes (more in test_clean_shortcodes.py)
    '[caption id="a" width="3"]<a href="x"><img src="y" alt="Boat" /></a> At sea[/caption] text': "Boat\nAt sea\ntext",
    "[gallery]x[polldaddy poll=3]": "x",
    "[sourcecode]if (a &lt; b)\n  x[0] = [gallery];[/sourcecode]": "if (a < b)\nx[0] = [gallery];",
    "He [sic] said [1] [Mahdi Army] [respect] [[gallery]]": "He [sic] said [1] [Mahdi Army] [respect] [gallery]",
}


@pytest.mark.parametrize("html", OWN)
def test_own_text(html: str) -> None:
    assert extract(html) == Text(own=OWN[html])


@pytest.mark.parametrize(
    ("html", "own", "quoted"),
    [
        ("a<blockquote>b</blockquote>c", "a\nc", "b"),
        ("a <blockquote>b<blockquote>c</blockquote>d</blockquote> e", "a\ne", "b\nc\nd"),
        ("<blockquote><p>b</p></blockquote>a<blockquote>c", "a", "b\nc"),
        ("<figure class='wp-block-pullquote'><blockquote><p>q</p><cite>w</cite></blockquote></figure>x", "x", "q\nw"),
        ("a <q>b</q> c", "a b c", ""),
        ("a</blockquote> b", "a b", ""),
        ("<blockquote><img alt='seen'></blockquote>", "", "seen"),
        ("<li><blockquote>b</li>c", "c", "b"),
    ],
)
def test_text_in_block_quotes_is_told_apart(html: str, own: str, quoted: str) -> None:
    text = extract(html)
    assert (text.own.split(), text.quoted) == (own.split(), quoted)


def test_domains_are_those_that_links_lead_to() -> None:
    """Only links, only http and https; lower case, without www., port and user; each once, sorted."""
    html = (
        "<a href='http://www.Example.com/x'>a</a> <a href=https://user@blog.example.org:8080?q>b</a>"
        "<blockquote><a href=' //cdn.example.net/y'>c</a> <a href='HTTP://example.com'>d</a></blockquote>"
        "<a href='/local'>e</a> <a href='mailto:x@example.info'>f</a> <a href='javascript:1'>g</a> <a>h</a>"
        "<a href='http://[bad'>i</a> <a href='http://localhost/'>j</a> <a href='http://m\u00fcller.example/'>k</a>"
        "<img src='http://img.example.com/'> <noscript><a href='http://hidden.example.com/'>l</a></noscript>"
    )
    assert extract(html).domains == ("blog.example.org", "cdn.example.net", "example.com", "xn--mller-kva.example")


@pytest.mark.parametrize(
    ("html", "own"),
    [
        ("a\nb\n\nc", "a\nb\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("<em>a\nb</em> &amp; c", "a\nb & c"),
        ("<!-- wp:paragraph -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->", "a b"),
    ],
)
def test_newlines_are_line_breaks_under_autop(html: str, own: str) -> None:
    """Except in what WordPress's block editor wrote, where WordPress makes no paragraphs either."""
    assert extract(html, autop=True) == Text(own=own)


# Text, and what may be taken for markup.
WORDS = st.text("ab é\u0301\u00a0\u00ad\u200b\u0092\t\n<>&;", max_size=6) | st.sampled_from(
    [
        "one",
        " two ",
        "\n",
        "&amp;",
        "&lt;p&gt;",
        "&nbsp;",
        "&copy",
        "&#146;",
        "&bogus;",
        "< b",
        "<3",
        "a<b",
        "\r\n",
        "[sic]",
    ]
)
INLINE = ["a", "b", "em", "span", "font", "q", "code", "cite", "unknown"]
BLOCK = ["p", "div", "ul", "li", "h2", "pre", "table", "tr", "td", "dl", "dt", "dd", "blockquote", "section", "center"]
GONE = ["script", "style", "noscript", "template", "object", "svg", "iframe", "textarea"]
VOID = ["<br>", "<hr/>", "<img alt='an alt' src=x>", "<!-- c -->", "<!--more-->", "<?pi?>", "<input value=x>", "<wbr>"]
LINKS = ["http://www.example.org/x", "https://example.com", "mailto:a@example.org", "/x", "", "//example.net/"]


def _elements(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An element around some content: whole, without its end tag, or without its start tag."""
    content = st.lists(children, max_size=4).map("".join)
    names = st.sampled_from([*INLINE, *BLOCK, *BLOCK, "blockquote", *GONE])
    whole = st.builds("<{0}>{1}</{0}>".format, names, content)
    link = st.builds("<a href='{0}'>{1}</a>".format, st.sampled_from(LINKS), content)
    unclosed = st.builds("<{0} class=x>{1}".format, st.sampled_from([*INLINE, *BLOCK]), content)
    unopened = st.builds("{1}</{0}>".format, st.sampled_from([*INLINE, *BLOCK]), content)
    return whole | link | whole | unclosed | unopened


PIECES = st.recursive(WORDS | st.sampled_from(VOID), _elements, max_leaves=25)
HTML = st.lists(PIECES, max_size=5).map("".join)


@given(HTML, st.booleans())
def test_equals_the_reference(html: str, autop: bool) -> None:
    """The fast way and Beautiful Soup's tree read the same, in nested and in broken HTML."""
    assert extract(html, autop=autop) == reference_extract(html, autop=autop)


@given(st.text())
def test_any_string_is_read(html: str) -> None:
    """Nothing raises, and the text has no blank line, no white space but spaces, and nothing invisible."""
    text = extract(html)
    for line in text.own.splitlines():
        assert line == " ".join(line.split()) != ""
        assert not re.search("[\x00-\x1f\x7f-\x9f\xad\u200b\ufeff\ud800-\udfff]", line)


HOSTILE = {
    "deep": "<div>" * 100_000 + "bottom",
    "deep quotes": "<blockquote>" * 100_000 + "bottom",
    "unclosed formatting": "<b><i>" * 300_000 + "bottom",
    "stray less-than": "<" * 5_000_000,
    "tags that never end": "<a " * 1_500_000,
    "comments that never end": "<!--" * 1_200_000,
    "attributes": "<a " + " ".join(f"x{i}=1" for i in range(400_000)) + ">bottom",
    "ends of the document": "</body" * 800_000,
    "shortcodes": "[gallery " * 500_000,
    "codes that never end": "[code]" * 800_000,
    "captions": "[caption]" * 500_000 + "[/caption]" * 5,
    "ampersands": "&" * 5_000_000,
    "one line": "word " * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_takes_bounded_time(name: str) -> None:
    """Up to 5 MB without an exception, in time that no quadratic step would allow (it takes at most 2 seconds)."""
    start = time.perf_counter()
    text = extract(HOSTILE[name])
    assert time.perf_counter() - start < 30
    assert HOSTILE[name].endswith("bottom") is (text.own + text.quoted).endswith("bottom")


def test_threads_do_not_share_a_parser() -> None:
    """Eight threads read different texts at once, each its own."""
    failures: list[str] = []

    def work(name: str) -> None:
        html = f"<p>{name}</p><blockquote><b>{name}</b></blockquote>" * 50
        expected = "\n".join([name] * 50)
        failures.extend(name for _ in range(100) if extract(html) != Text(own=expected, quoted=expected))

    threads = [threading.Thread(target=work, args=(f"thread{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def _bodies(path: Path) -> list[str]:
    """Bodies of a WordPress export, or the one of a saved page."""
    content = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".xml":
        return re.findall(r"<(?:content:encoded|wp:comment_content)><!\[CDATA\[(.*?)\]\]></", content, re.S)
    return re.findall(r"<body[^>]*>(.*)</body>", content, re.S | re.I)


@pytest.mark.parametrize("pattern", ["wxr/*.xml", "mirror/*/**/*.html"])
def test_equals_the_reference_on_real_archives(archives: Path, pattern: str) -> None:
    """Every body of the exports, and of a sample of the saved pages."""
    paths = sorted(archives.glob(pattern))
    sample = paths[:: max(1, len(paths) // 60)]
    bodies = {body for path in sample for body in _bodies(path)[:200]}
    assert len(bodies) > 40
    different = [
        body[:80] for body in sorted(bodies) if extract(body, autop=True) != reference_extract(body, autop=True)
    ]
    assert different == []
