"""The tree of a page, held against Beautiful Soup's."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString
from bs4.element import Tag as SoupTag
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.savedpage.decode import decode
from indexer.sources.savedpage.element import Tag, Text, parse

PIECES = st.sampled_from(
    """<p> </p> <div> </div> <b> </b> <i> </i> <ul> <li> </li> </ul> <table> <tr> <td> </table> <pre> </pre>
    <a\thref="/x?a=1&amp;b=2"> </a> <br> <br/> <hr\tclass="a\tb"> <!--\tremark\t--> <!doctype\thtml> <?pi\tx?> <style> </style>
    <script>var\ta="<b>" </script> <html> <body\tclass=x> </body> </html> <head> <title> </title> <fb:like\tx=y>
    &eacute; &#8211; &amp word été \u2003 < > </nothing> <svg> </svg> <textarea> </textarea> <p\tid=1\tid=2>""".replace(
        "\n", " "
    ).split(" ")
)


def shape(tags: list[Tag]) -> list[object]:
    """The tree as nested lists, without recursion: what stands where."""
    root: list[object] = []
    lists = {id(tags[0]): root}
    for tag in tags:
        for node in tag.contents:
            if isinstance(node, Text):
                lists[id(tag)].append(str(node))
            else:
                inside: list[object] = []
                lists[id(node)] = inside
                lists[id(tag)].append([node.name, dict(node.attrs), inside])
    return root


def soup_shape(html: str) -> list[object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        soup = BeautifulSoup(html, "lxml", multi_valued_attributes=None)
    root: list[object] = []
    stack: list[tuple[SoupTag, list[object]]] = [(soup, root)]
    while stack:
        tag, into = stack.pop()
        for node in tag.contents:
            if isinstance(node, SoupTag):
                inside: list[object] = []
                into.append([node.name, dict(node.attrs), inside])
                stack.append((node, inside))
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                into.append(str(node))
    return root


@given(st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).replace("\t", " ")))
def test_a_tree_is_the_one_that_beautiful_soup_builds(html: str) -> None:
    html = f"<p>.</p>{html}"
    assert shape(parse(html)) == soup_shape(html)


def test_trees_of_real_pages_are_the_ones_that_beautiful_soup_builds(archives: Path) -> None:
    pages = sorted((archives / "page").glob("*.html"))[::4] + sorted((archives / "mirror").rglob("*.html"))[::30]
    assert len(pages) > 20
    for page in pages:
        html = decode(page.read_bytes()).text.replace("<?xml", "<?x")
        assert shape(parse(html)) == soup_shape(html), page


@given(st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).replace("\t", " ")))
def test_places_and_numbers_say_where_a_node_is(html: str) -> None:
    tags = parse(f"<p>.</p>{html}")
    assert [tag.start for tag in tags] == list(range(len(tags)))
    for tag in tags:
        inside = [node for node in tag.descendants if isinstance(node, Tag)]
        assert inside == tags[tag.start + 1 : tag.end + 1]
        assert all(tag in node.parents for node in inside)
        for place, node in enumerate(tag.contents):
            assert node.parent is tag
            assert (node.place, list(node.next_siblings)) == (place, tag.contents[place + 1 :])
            assert list(node.previous_siblings) == tag.contents[:place][::-1]
            assert node.previous_sibling is (tag.contents[place - 1] if place else None)


def test_the_text_of_an_element_is_what_stands_in_it_directly() -> None:
    title = next(tag for tag in parse("<title>a <!-- x --> b</title><p>c") if tag.name == "title")
    assert title.string == "a <!-- x --> b"
    paragraph = next(tag for tag in parse("<p>a <b>b</b> c</p>") if tag.name == "p")
    assert paragraph.string == "a  c"


@pytest.mark.parametrize(
    "html", ["<p>" * 100_000, "<b><p>" * 50_000, "</b>" * 200_000, "<p>x</b>" * 50_000, "<a b=c " * 50_000]
)
def test_a_hostile_page_takes_linear_time(html: str) -> None:
    started = time.process_time()
    tags = parse(html)
    assert sum(1 for _ in tags[0].descendants) >= len(tags) - 1
    assert time.process_time() - started < 10
