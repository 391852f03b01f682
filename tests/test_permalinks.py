"""Two addresses of one page become one string."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.permalinks import host_name, is_identity, normalise

PERMALINKS = {
    "http://www.Example.com/2008/05/04/mahdi-army/": "example.com/2008/05/04/mahdi-army",
    "https://example.com:443/2008/05/04/mahdi-army": "example.com/2008/05/04/mahdi-army",
    "//example.com/a/b#comment-12": "example.com/a/b",
    " example.com/a ": "example.com/a",
    "HTTP://user:word@example.com:80/a": "example.com/a",
    "http://example.com:8080/a": "example.com:8080/a",
    "http://example.com./a": "example.com/a",
    "http://www.www.example.com/": "example.com",
    "http://www.com/": "www.com",
    "http://Exämple.com/ä": "xn--exmple-cua.com/%C3%A4",
    "http://localhost/blog/?p=3": "//localhost/blog?p=3",
    "http://[::1]:8000/a": "//[::1]:8000/a",
    "http://127.0.0.1/a": "127.0.0.1/a",
    # path
    "http://example.com/a/index.html": "example.com/a",
    "http://example.com/a/index.php?p=12": "example.com/a?p=12",
    "http://example.com/index.php/2008/a/": "example.com/index.php/2008/a",
    "http://example.com/a/comment-page-3/#comments": "example.com/a",
    "http://example.com/a/comment-page-3/index.html": "example.com/a",
    "http://example.com/2008/05/a.html": "example.com/2008/05/a.html",
    "http://example.com//a///b//": "example.com/a/b",
    "http://example.com/A/b": "example.com/A/b",
    "http://example.com/%7ejoe/%c3%a9t%C3%A9/%2f": "example.com/~joe/%C3%A9t%C3%A9/%2F",
    "http://example.com/été 100%/a+b": "example.com/%C3%A9t%C3%A9%20100%25/a+b",
    # query
    "http://example.com/?p=12": "example.com?p=12",
    "http://example.com?page_id=2&attachment_id=3": "example.com?attachment_id=3&page_id=2",
    "http://example.com/?p=12&amp;cat=3": "example.com?cat=3&p=12",
    "http://example.com/?b=1&a=2&a=2&a=": "example.com?a&a=2&b=1",
    "http://example.com/?q=a+b%20c": "example.com?q=a%20b%20c",
    "http://example.com/a?utm_source=x&UTM_medium=y&fbclid=z&gclid=1": "example.com/a",
    "http://example.com/a/?replytocom=5#respond": "example.com/a",
    "http://example.com/a/?share=twitter&nb=1&like_comment=3&_wpnonce=4": "example.com/a",
    "http://example.com/a.html?m=1&showComment=2&spref=fb": "example.com/a.html",
    "http://example.com/?m=200805": "example.com?m=200805",
    # no permalink
    "": "",
    "   ": "",
    "/2008/05/a/": "",
    "#top": "",
    "?p=12": "",
    "blog/a": "",
    "index.html": "",
    "joe@example.com": "",
    "mailto:joe@example.com": "",
    "javascript:alert(1)": "",
    "ftp://example.com/a": "",
    "file:///a/b.html": "",
    "http://": "",
    "http:///a": "",
    "http:/example.com/": "",
    "http://exa mple.com/": "",
    "http://a..b.com/": "",
    "http://example.com:port/": "",
    "http://[::1/": "",
    "http://example.com/" + "a" * 9000: "",
    "http://example.com/" + "é" * 5000: "",
    "http://" + "a." * 200 + "com/": "",
}


@pytest.mark.parametrize("url", PERMALINKS)
def test_normalise(url: str) -> None:
    assert normalise(url) == PERMALINKS[url]


URLS = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(["", "http://", "https://", "//", "HTTP://u@", "ftp://", "mailto:", "http:"]),
    st.sampled_from(["www.", "www.www.", "", "ｗｗｗ．", "."]),
    st.sampled_from(
        ["example.com", "com", "localhost", "Exämple。com", "[::1]", "index.html", "a.b:8080", "x.php", "..", ""]
    )
    | st.text("aw.:@[]ä", max_size=8),
    st.text("/a%2fFe9.é \ud800?#", max_size=12),
    st.lists(
        st.sampled_from(
            ["/", "/index.html", "/comment-page-2", "/%69ndex.php", "?p=1", "&amp;", "&utm_x=1", "=", "&m=1", "+"]
        )
        | st.text("?&=%;amp+#", max_size=5),
        max_size=6,
    ).map("".join),
    st.sampled_from(["", "#x", " ", "\n"]),
)


@given(URLS | st.text())
def test_normalising_twice_is_normalising_once(url: str) -> None:
    """Any string has an identity, which is its own; ASCII, without space or fragment."""
    identity = normalise(url)
    assert normalise(identity) == identity
    assert identity.isascii()
    assert not set(" #\n\t") & set(identity)


@given(
    st.sampled_from(["http://", "https://", "//", "http://www.", "HTTPS://WWW."]),
    st.sampled_from(["", "/", "/index.html", "/#a"]),
)
def test_forms_of_one_address_are_one(start: str, end: str) -> None:
    assert normalise(f"{start}example.com/2008/a{end}") == "example.com/2008/a"


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("http://example.com/a", True),
        ("http://example.com/?p=12", True),
        ("http://localhost/a", True),
        ("http://example.com", False),
        ("http://www.example.com/index.php?utm_source=x#a", False),
        ("http://localhost/", False),
        ("http://example.com:8080/", False),
        ("/a", False),
        ("", False),
    ],
)
def test_the_root_of_a_site_tells_no_post_from_another(url: str, identity: bool) -> None:
    assert is_identity(url) is identity


def test_host_names() -> None:
    hosts = ["WWW.Example.COM.", "bücher.example", "a_b.example", "-a.example", "a b", "", ".", "[::1]", "ä" * 300]
    assert [host_name(host) for host in hosts] == [
        "example.com",
        "xn--bcher-kva.example",
        "a_b.example",
        *[""] * 4,
        "[::1]",
        "",
    ]


def test_long_urls_take_bounded_time() -> None:
    start = time.perf_counter()
    for url in (
        "http://" + "a" * 5_000_000,
        "http://a.b" + "/index.html" * 400_000,
        "@" * 5_000_000,
        "//a.b?" + "&" * 5_000_000,
    ):
        assert normalise(url) == ""
    assert time.perf_counter() - start < 10
