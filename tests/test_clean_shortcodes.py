"""WordPress shortcodes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clean.shortcodes import expand

SHORTCODES = {
    # dropped, with what they enclose kept
    "a [poll id=3] b": "a  b",
    '[gallery link="file" ids="1,2"][contact-form][contact-field label="Name" /][/contact-form]': "<figure></figure>",
    # galleries
    "a [gallery] b": "a <figure></figure> b",
    "[nggallery id=3]": "<figure></figure>",
    "[vc_row][vc_column width='1/2']text[/vc_column][/vc_row]": "text",
    '[one_half class="x"]a[/one_half][box]b[/box]': "ab",
    # prose
    "[sic] [1] [...] [Mahdi Army] [respect] [x](y)": "[sic] [1] [...] [Mahdi Army] [respect] [x](y)",
    "[video games, review] [video] [code] [table] [map]": "[video games, review] [video] [code] [table] [map]",
    "[Gallery] [gallery-x] [galleryx] [youtubes]": "[Gallery] [gallery-x] [galleryx] [youtubes]",
    "a[0] [code": "a[0] [code",
    # escaped
    "[[gallery]]": "[gallery]",
    '[[caption id="a"]b[/caption]]': '[caption id="a"]b[/caption]',
    "[caption]a[/caption]]": "<figure>a</figure>]",
    "[[gallery] x": "[<figure></figure> x",
    # captions
    '[caption id="x"]<img src="y" /> text[/caption]': '<figure><img src="y" /><figcaption>text</figcaption></figure>',
    '[caption]\n<a href="z"><img src="y"></a>\n<b>t</b>\n[/caption]': (
        '<figure><a href="z"><img src="y"></a><figcaption><b>t</b></figcaption></figure>'
    ),
    '[wp_caption caption="An old one"]<img src="y">[/wp_caption]': (
        '<figure><img src="y"><figcaption>An old one</figcaption></figure>'
    ),
    '[caption]<img src="y"> a [poll id=3]b[/caption]': '<figure><img src="y"><figcaption>a b</figcaption></figure>',
    "[caption]never closed [caption]<img>x[/caption] y": "never closed <figure><img><figcaption>x</figcaption></figure> y",
    "closed only[/caption]": "closed only",
    # code
    "[code]a [gallery] &lt;b&gt;\n[/code]": "<pre><code>a [gallery] &lt;b&gt;</code></pre>",
    '[sourcecode language="php"]<b> &amp; [code][/sourcecode]': "<pre><code>&lt;b&gt; &amp;amp; [code]</code></pre>",
    "[php]x[/html][/php]": "<pre><code>x[/html]</code></pre>",
    "[code]a [code]b[/code]": "[code]a <pre><code>b</code></pre>",
    "[/code]": "[/code]",
    # media
    "[youtube=http://youtu.be/a&amp;w=4]": '<a href="http://youtu.be/a&amp;w=4">http://youtu.be/a&amp;w=4</a>',
    "[youtube InCeVCGtHak]": (
        '<a href="https://www.youtube.com/watch?v=InCeVCGtHak">https://www.youtube.com/watch?v=InCeVCGtHak</a>'
    ),
    '[vimeo 123456 w="3"]': '<a href="https://vimeo.com/123456">https://vimeo.com/123456</a>',
    "[dailymotion id=x3b2c]": '<a href="https://www.dailymotion.com/video/x3b2c">https://www.dailymotion.com/video/x3b2c</a>',
    "[embed width='3'] http://a.example/ [/embed]": '<a href="http://a.example/">http://a.example/</a>',
    "[embed]<a href=x>y</a>[/embed]": "<a href=x>y</a>",
    "[video mp4='http://a.example/b.mp4'][/video]": '<a href="http://a.example/b.mp4">http://a.example/b.mp4</a>',
    "[audio http://a.example/b.mp3|titles=c]": '<a href="http://a.example/b.mp3">http://a.example/b.mp3</a>',
    "[dewplayer:http://a.example/b.mp3]": '<a href="http://a.example/b.mp3">http://a.example/b.mp3</a>',
    "[youtube a] b [youtube]c[/youtube]": " b c",
}


@pytest.mark.parametrize("html", SHORTCODES)
def test_expand(html: str) -> None:
    assert expand(html) == SHORTCODES[html]


def test_what_is_not_shown_has_no_text_of_ours() -> None:
    html = "[youtube=http://youtu.be/a][gallery] [embed]http://a.example/[/embed]"
    assert (
        expand(html, shown=False)
        == '<a href="http://youtu.be/a"></a> <a href="http://a.example/">http://a.example/</a>'
    )


TAGS = (
    "[ ] [[ ]] [code] [/code] [[code] [/code]] [caption] [/caption] [[caption] [gallery] [[gallery]] [gallery]] [youtube] "
    "[/youtube] [video] [embed] [/embed] [vc_row] [/vc_row] [box] [/box] [table] <img> <b>"
).split()


@given(st.lists(st.sampled_from(TAGS), max_size=15))
def test_no_text_around_shortcodes_is_lost_or_moved(tags: list[str]) -> None:
    html = "".join(f"{tag} w{i} " for i, tag in enumerate(tags))
    assert re.findall(r"w\d+", expand(html)) == [f"w{i}" for i in range(len(tags))]


@given(st.text("[]/ codegalry=\"'", max_size=30))
def test_any_string_is_expanded(html: str) -> None:
    """Nothing raises, and what holds no bracket is left alone."""
    text = html.replace("[", "")
    assert isinstance(expand(html), str)
    assert expand(text) == text
