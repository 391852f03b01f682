"""An archive in which every field attacks its reader, in a real browser: nothing runs, loads or breaks the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    NARROW,
    Open,
    addresses,
    index,
    no_sideways_scroll,
    serving,
)
from tests.hostile import HOSTILE, export


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served blog in which every field attacks the reader."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "export.xml").write_text(export(), encoding="utf-8")
    index(folder / "index_data", folder / "export.xml")
    with serving(folder / "index_data") as site:
        yield site


@pytest.mark.parametrize("guarded", [True, False])
def test_a_hostile_query_never_runs(hostile: str, open_page: Open, guarded: bool) -> None:
    """What was typed is shown as typed, and would be harmless even in a browser without our policy."""
    page = open_page(hostile, bypass_csp=not guarded)
    for words in HOSTILE:
        page.locator("#q").fill(words)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(words)
        expect(page.locator("#q")).to_have_value(words)
        assert harmless(page) == []


def test_a_hostile_archive_never_runs(hostile: str, open_page: Open) -> None:
    """Nothing runs on any page that facets, names and results lead to, in a browser that does not enforce our policy."""
    page = open_page(f"{hostile}/?q=narrow", bypass_csp=True)
    expect(page.locator(".hits h2")).to_have_text(HOSTILE[0])
    waiting = [page.url, f"{hostile}/?kind=comment", *(f"{hostile}/?{urlencode({'author': name})}" for name in HOSTILE)]
    seen = set(waiting)
    while waiting:
        address = waiting.pop()
        page.goto(address)
        assert harmless(page) == [], address
        links = {link.partition("#")[0] for link in addresses(page, "main a")}
        here = {link for link in links if link.startswith(hostile) and is_another_page(link)} - seen
        seen |= here
        waiting += here
    found = Counter(re.search(r"/(post)/|\?(\w+)=|$", address)[0].strip("/?=") for address in seen)  # type: ignore[index]
    assert {"post", "category", "tag", "post_author", "comment_author", "kind"} <= set(found)
    assert found["category"] == found["tag"] >= len(HOSTILE)


def hostile_pages() -> list[str]:
    """Pages that show the names of the whole archive, and each hostile text where an address may hold one."""
    listed = [f"/facet/{name}" for name in ("category", "tag", "post_author", "comment_author", "site", "kind", "year")]
    compared = urlencode({"q": ",".join(f'"{words.replace(chr(34), "")}"' for words in HOSTILE)})
    typed = [
        address
        for words in HOSTILE
        for address in (
            f"/facet/category?{urlencode({'q': words, 'contains': words, '-tag': words})}",
            f"/?{urlencode({'author': words, '-category': words})}",
            f"/?{urlencode({'url': words})}",
            f"/{quote(words, safe='')}",
            f"/trends?{urlencode({'q': words})}",
            f"/by/{quote(words, safe='')}?{urlencode({'q': words})}",
        )
    ]
    return [
        "/",
        "/?q=narrow+OR+wide",
        "/?q=zzyzx",
        *listed,
        "/browse",
        "/about/archive",
        f"/trends?{compared}",
        f"/trends?{compared}&share=1",
        *typed,
    ]


def test_no_page_of_hostile_names_breaks_the_policy(hostile: str, open_page: Open) -> None:
    """With the policy in force nothing runs, and nothing tries to: a violation of the policy fails the test."""
    page = open_page(hostile)
    names = 0
    for path in hostile_pages():
        answer = page.goto(hostile + path)
        assert answer
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert harmless(page) == [], path
        names += HOSTILE[0] in (page.locator("main").text_content() or "")
    assert names > 10  # they are there, as text


@pytest.mark.parametrize("typed", ["script", "window", "alert", "javascript"])
def test_hostile_suggestions_are_text(hostile: str, open_page: Open, typed: str) -> None:
    """Names, titles and words that complete what is typed are shown as text; the one that is chosen leads to a page."""
    page = open_page(hostile)
    page.locator("#q").press_sequentially(typed)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    assert harmless(page) == []
    assert any(re.search("[<>:]", text) for text in options.all_text_contents())
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.wait_for_url(re.compile(r"/post/|/\?\w+="))
    assert harmless(page) == []


def is_another_page(address: str) -> bool:
    """Without other orders and pages of the same results, and without the hundreds of combinations of two filters."""
    asked = re.findall(r"[?&]([\w-]+)=", address)
    return (
        len(asked) <= 1
        and not {"sort", "page", "per_page"} & set(asked)
        and ("/post/" not in address or asked == ["q"])
    )


def harmless(page: Page) -> list[str]:
    """What on the page could run or did, empty when all is well."""
    page.wait_for_load_state()
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
            const all = selector => [...document.querySelectorAll(selector)];
            const forbidden = "img, iframe, object, embed, svg:not(.timeline svg, .glance svg, .trends svg), style, base, " +
                "meta[http-equiv], link[rel=import]";
            const addresses = ["href", "src", "action", "formaction"];
            return [
                ...(window.__hacked ? ["a script ran"] : []),
                ...all(forbidden),
                ...all("script").filter(script => !script.getAttribute("src")?.startsWith("/static/")),
                ...all("*").filter(element => [...element.attributes].some(({name, value}) =>
                    /^on|^style$|^srcdoc$/i.test(name)
                    || addresses.includes(name) && /^\\s*(javascript|data|vbscript):/i.test(value))),
            ].map(found => found.outerHTML ?? found);
        }"""
    )


def test_hostile_names_are_shown_as_they_are(hostile: str, open_page: Open) -> None:
    """Title, author, category, tag and commenter are text on the reading view, and no link leads to a script."""
    page = open_page(f"{hostile}/?q=narrow")
    page.locator(".hits h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE[0])
    expect(page.locator(".post > footer")).to_contain_text(HOSTILE[0])
    expect(page.locator(".post > header .meta")).to_contain_text(HOSTILE[2])
    page.wait_for_load_state()
    assert set(HOSTILE) <= set(page.locator(".comment .author").all_text_contents())
    expect(page.locator(".comment .prose").first).to_contain_text("honest comment")
    assert page.locator(".comment .site").count() == 0


def test_wide_content_does_not_widen_the_page(hostile: str, open_page: Open) -> None:
    """A table of many columns, a line of code and an endless word stay within a small phone."""
    page = open_page(f"{hostile}/?q=wide", NARROW)
    assert no_sideways_scroll(page)
    page.locator(".hits h2 a").first.click()
    expect(page.locator(".prose table")).to_be_attached()
    assert no_sideways_scroll(page)
