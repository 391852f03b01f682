"""A reader's whole way through a real blog, in the real browser, with and without scripts, on a phone and on a desktop.

What is searched, clicked and typed comes from the pages themselves: no text of the archive stands here.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from playwright.sync_api import Locator, Page, expect

from tests.browser import (
    DESKTOP,
    NARROW,
    PHONE,
    Open,
    addresses,
    apply,
    expect_listed,
    fetch,
    listed,
    no_sideways_scroll,
    number,
    show_filters,
    tick,
)

WAYS = [(PHONE, True), (DESKTOP, False)]  # the sample blog has the others
everyone = pytest.mark.parametrize(("width", "javascript"), WAYS)


@dataclass(frozen=True, slots=True)
class Blog:
    """What the tests need to know of the blog: its most discussed post, and two words of titles that find something."""

    site: str
    discussed: str
    word: str
    other: str

    def soup(self, path: str) -> BeautifulSoup:
        status, text = fetch(urljoin(self.site, path))
        assert status == 200, path
        return BeautifulSoup(text, "lxml")


@pytest.fixture(scope="module")
def blog(real_site: str) -> Blog:
    links = BeautifulSoup(fetch(f"{real_site}/?sort=discussed")[1], "lxml").select(".hits h2 a")
    words = {word for link in links for word in re.findall("[a-z]{5,}", link.get_text().lower())}
    found = {word: json.loads(fetch(f"{real_site}/api/v1/search?q={word}")[1])["total"]["threads"] for word in words}
    word, other = sorted(words, key=lambda word: (-found[word], word))[:2]
    return Blog(real_site, urlsplit(urljoin(real_site, str(links[0]["href"]))).path, word, other)


def said(text: str) -> tuple[int, int]:
    """The posts and comments that a text counts; what it does not mention are none."""
    found = {kind: number(count) for count, kind in re.findall(r"([\d,]+) (post|comment)s?\b", text)}
    return found.get("post", 0), found.get("comment", 0)


def expect_said(page: Page, promised: str) -> None:
    """The summary counts as many posts and comments as were promised."""
    posts, comments = said(promised)
    for count, kind in ((posts, "post"), (comments, "comment")):
        if count:
            expect(page.locator("#summary")).to_contain_text(re.compile(rf"(?<![\d,]){count:,} {kind}s?\b"))
    assert said(page.locator("#summary").inner_text()) == (posts, comments)


def search(page: Page, words: str) -> None:
    page.locator("#q").fill(words)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def values(page: Page, facet: str) -> list[str]:
    """The values of a facet that the filters show."""
    return page.locator(f".facet-{facet} li .value .label").all_inner_texts()


# Searching


@everyone
def test_values_are_ticked_and_one_is_excluded(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(blog.site, width, javascript)
    search(page, blog.word)
    everything = listed(page)
    assert everything > 0
    show_filters(page)
    at_once = javascript and width == DESKTOP
    first, second = values(page, "category")[:2]
    counts = []
    for place, name in enumerate((first, second), start=1):
        counts.append(tick(page, "category", f"Category: {name}"))
        if at_once:
            expect(page.locator(".chips li")).to_have_count(place)
    if not at_once:
        apply(page)
    expect(page.locator(".chips li")).to_have_count(2)
    either = listed(page)
    assert max(counts) <= either <= min(sum(counts), everything)

    show_filters(page)
    excluded = page.locator(".facet-comment_author li .not").first
    who = excluded.inner_text().partition("\n")[0]
    excluded.click()
    expect(page.locator(".chips li")).to_have_count(3)
    expect(page.locator(".chips li").last).to_contain_text("not")
    assert 0 < listed(page) < either, who
    asked = parse_qsl(urlsplit(page.url).query)
    assert {value for name, value in asked if name == "category"} == {first, second}
    assert "-comment_author" in dict(asked)


@everyone
def test_the_timeline_leads_into_a_year_and_a_month(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(blog.site, width, javascript)
    out = page.locator(".timeline-ways a")
    expect(out).to_have_count(0)
    for _ in ("year", "month"):
        before, bar = out.count(), page.locator(".timeline .bars a").nth(1)  # the first may be part of a year
        promised = bar.get_attribute("aria-label") or ""
        bar.click()
        expect(out).to_have_count(before + 1)
        expect_said(page, promised)
    assert [name for name, _ in parse_qsl(urlsplit(page.url).query)] == ["from", "to"]
    out.first.click()
    expect(out).to_have_count(0)
    expect(page).to_have_url(f"{blog.site}/")


@everyone
def test_pages_go_on_and_back(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(f"{blog.site}/?kind=comment", width, javascript)
    current = page.locator(".paging [aria-current=page]")
    seen = [addresses(page)]
    page.get_by_role("link", name="Next", exact=True).click()
    expect(current).to_have_text("Page 2")
    seen.append(addresses(page))
    page.go_back()
    expect(current).to_have_text("Page 1")
    assert addresses(page) == seen[0]
    page.go_forward()
    expect(current).to_have_text("Page 2")
    assert addresses(page) == seen[1]
    assert not set(seen[0]) & set(seen[1])


@everyone
def test_a_result_says_why_it_is_there(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(f"{blog.site}/?q={blog.word}+OR+zzyzx", width, javascript)
    why = page.locator(".hits .why").first
    why.get_by_text("Why this result").click()
    expect(why.locator("li").first).to_contain_text(re.compile(rf"^{blog.word}.* in the "))
    expect(why.locator("li.absent")).to_contain_text("zzyzx")


# Reading


@everyone
def test_a_post_is_read_by_its_marks(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(f"{blog.site}/?q={blog.word}", width, javascript)
    title = page.locator(".hits h2 a").first
    heading, address = title.inner_text(), page.url
    title.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    total = int(page.locator("#matches").get_attribute("data-total") or "")
    assert page.locator("main mark[id]").count() == total > 1
    if javascript:
        for key, place in (("n", 1), ("n", 2), ("p", 1), ("p", total)):
            page.keyboard.press(key)
            expect(page.locator("mark.current")).to_have_id(f"match-{place}")
            expect(page.locator("mark.current")).to_be_in_viewport()
        expect(page.locator(".matches .position")).to_have_text(f"{total} of {total}")
    else:
        page.get_by_role("link", name="First match").click()
        expect(page.locator("#match-1")).to_be_in_viewport()
    page.get_by_role("link", name="Back to results").first.click()
    expect(page).to_have_url(address)


@everyone
def test_a_thread_is_searched_and_left_for_a_related_post(
    blog: Blog, open_page: Open, width: int, javascript: bool
) -> None:
    page = open_page(blog.site + blog.discussed, width, javascript)
    comments = page.locator("#comments > ol .prose").all_text_contents()
    word = re.findall(r"\b[a-z]{5,12}\b", " ".join(comments))[-1]
    page.get_by_role("searchbox", name="Search within this thread").fill(word)
    page.get_by_role("button", name="Find").click()
    found = page.locator(".found ol a")
    expect(page.locator("#found-heading")).to_be_visible()
    assert found.count() > 0
    found.last.click()
    expect(page.locator(":target mark, mark:target").first).to_be_in_viewport()
    page.get_by_role("link", name="Show the thread without this search").click()
    expect(page.locator(".found")).to_have_count(0)

    other = page.locator(".related a").first
    title, here = other.inner_text(), page.get_by_role("heading", level=1).inner_text()
    other.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert title != here


@everyone
def test_an_old_address_leads_to_its_post(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(blog.site + blog.discussed, width, javascript)
    entry = page.locator(".post > footer dl > div", has=page.get_by_text("Original address"))
    old = entry.get_by_role("link").first.get_attribute("href") or ""
    assert re.match("https?://", old)
    for address in (f"{blog.site}/?{urlencode({'url': old})}", blog.site + urlsplit(old).path):
        page.goto(address)
        assert urlsplit(page.url).path == blog.discussed
        expect(page.locator("article.post")).to_be_visible()


@everyone
def test_a_commenter_has_a_page(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    """Everything a name said, and only that: as many comments as all threads have of it."""
    page = open_page(blog.site + blog.discussed, width, javascript)
    author = page.locator(".comment a.author").first
    name = author.inner_text()
    author.click()
    expect(page.locator(".chips li")).to_contain_text(name)
    _, comments = said(page.locator("#summary").inner_text())
    assert comments > 0
    page.locator(".tabs").get_by_role("link", name=re.compile("^Comments")).click()
    expect(page.locator(".chips li")).to_have_count(2)
    expect_listed(page, comments)
    for byline in page.locator(".hits .byline").all_inner_texts():
        assert name in byline


# Around


@everyone
def test_the_archive_is_browsed(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(blog.site, width, javascript)
    page.get_by_role("link", name="Browse", exact=True).click()
    month = page.locator(".browse tbody tr").first.locator("td a").last
    promised = month.get_attribute("aria-label") or ""
    month.click()
    expect_said(page, promised)
    page.get_by_role("link", name="Browse", exact=True).click()
    category = page.locator(".values").first.locator("li").first
    count = number(category.locator(".count").inner_text())
    category.get_by_role("link").click()
    expect_listed(page, count)


@everyone
def test_words_are_compared_over_time(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    """The lines, the table and the CSV have the numbers of the searches that they lead to."""
    page = open_page(blog.site, width, javascript)
    page.get_by_role("link", name="Trends", exact=True).click()
    page.get_by_label("Up to six searches").fill(f"{blog.word}, {blog.other}")
    page.get_by_role("button", name="Compare").click()
    lines = page.locator(".series li")
    expect(lines).to_have_count(2)
    promised = [said(line.locator(".count").first.inner_text()) for line in lines.all()]
    table = str(page.get_by_role("link", name="Download as CSV").get_attribute("href"))
    rows = list(csv.reader(fetch(urljoin(blog.site, table))[1].splitlines()))
    assert rows[0] == ["month", blog.word, blog.other]
    for column, counts in enumerate(promised, start=1):
        assert sum(int(row[column]) for row in rows[1:]) == sum(counts) > 0
    page.get_by_text("Table", exact=True).click()
    cells = page.locator(".trends tbody td:first-of-type")
    assert [number(cell) for cell in cells.all_inner_texts()] == [int(row[1]) for row in rows[1:]]
    page.get_by_role("link", name="Show the share of each month").click()
    expect(lines).to_have_count(2)
    lines.first.get_by_role("link", name=blog.word, exact=True).click()
    expect(page.locator("#summary")).to_be_visible()
    assert said(page.locator("#summary").inner_text()) == promised[0]


@everyone
def test_the_archive_at_a_glance_leads_on(blog: Blog, open_page: Open, width: int, javascript: bool) -> None:
    page = open_page(f"{blog.site}/about/archive", width, javascript)
    expect(page.locator(".glance svg[role=img]")).to_be_visible()
    word = page.locator(".years .words a").first
    said_word = word.inner_text()
    word.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(said_word)
    assert listed(page) > 0
    page.go_back()
    busiest = page.locator(".values").first.get_by_role("link").first
    title = busiest.inner_text()
    busiest.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert urlsplit(page.url).path == blog.discussed


# Everybody


def tab_to(page: Page, wanted: Locator, most: int) -> None:
    """Press Tab until the control has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("control => control === document.activeElement"):
            return
    raise AssertionError(f"{most} tabs do not reach {wanted}")


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_keyboard_alone_is_enough(blog: Blog, open_page: Open, width: int) -> None:
    """Search, a filter, a bar of the timeline, a post, its marks, a related post: without the mouse."""
    page = open_page(f"{blog.site}/help", width)
    page.keyboard.press("/")
    page.keyboard.type(blog.word)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(blog.word)
    everything = listed(page)
    if width == PHONE:
        tab_to(page, page.locator(".filters-toggle summary"), 30)
        page.keyboard.press("Enter")
    tab_to(page, page.locator(".facet-category input").first, 60)
    page.keyboard.press("Space")
    if width == PHONE:
        tab_to(page, page.locator(".filters .apply button"), 250)
        page.keyboard.press("Enter")
    expect(page.locator(".chips li")).to_have_count(1)
    assert 0 < listed(page) <= everything
    tab_to(page, page.locator(".timeline .bars a").first, 250)
    page.keyboard.press("Enter")
    expect(page.locator(".timeline-ways a").first).to_be_attached()
    tab_to(page, page.locator(".hits h2 a").first, 100)
    page.keyboard.press("Enter")
    expect(page.locator("article.post")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("mark.current")).to_be_focused()
    related = page.locator(".related a").first
    tab_to(page, related, 400)
    title = related.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_no_page_scrolls_sideways_on_a_small_phone(blog: Blog, open_page: Open) -> None:
    words = urlencode({"q": f"{blog.word}, {blog.other}"})
    author = blog.soup(blog.discussed).select_one(".comment a.author")
    bar = blog.soup("/").select_one(".timeline .bars a")
    assert author
    assert bar
    paths = [
        "/",
        f"/?q={blog.word}&page=2",
        f"/?q={blog.word}+zzyzx&kind=comment",
        *(f"/facet/{name}" for name in ("category", "comment_author", "site", "month")),
        f"{blog.discussed}?q={blog.word}&within={blog.word}",
        str(author["href"]),
        str(bar["href"]),
        "/browse",
        f"/trends?{words}",
        f"/trends?{words}&share=1",
        "/about/archive?reason=duplicate",
        "/help",
        "/nothing-here",
    ]
    page = open_page(blog.site, NARROW)
    wide = []
    for path in paths:
        page.goto(urljoin(blog.site, path))
        show_filters(page)
        wide += [] if no_sideways_scroll(page) else [path]
    assert wide == []


def links_and_counts(soup: BeautifulSoup) -> Iterator[tuple[str, int]]:
    """Where the first values of every facet, and the tabs, lead and how many results they promise."""
    rows = [row for facet in soup.select(".facet") for row in facet.select("a.value")[:3]]
    for link in [*rows, *soup.select(".tabs a")]:
        count = link.select_one(".count")
        assert count
        yield str(link["href"]), number(count.get_text(strip=True))


def test_counts_are_the_totals_behind_their_links(blog: Blog) -> None:
    """Facet values and tabs promise results; bars and the cells of the browse page promise posts and comments."""
    promised: dict[str, int] = {}
    counted: dict[str, str] = {}
    for path in ("/", f"/?q={blog.word}", f"/?q={blog.other}&kind=comment"):
        soup = blog.soup(path)
        promised |= links_and_counts(soup)
        counted |= {str(bar["href"]): str(bar["aria-label"]) for bar in soup.select(".timeline .bars a")[:4]}
    cells = blog.soup("/browse").select(".browse td a")
    counted |= {str(cell["href"]): str(cell["aria-label"]) for cell in cells[:: max(1, len(cells) // 15)]}
    assert (len(promised), len(counted)) > (40, 20)
    assert {path: _summary(blog, path)[0] for path in promised} == promised
    assert {path: _summary(blog, path)[1] for path in counted} == {path: said(name) for path, name in counted.items()}


def _summary(blog: Blog, path: str) -> tuple[int, tuple[int, int]]:
    """How many results a page says it lists, and how many posts and comments it says match."""
    summary = blog.soup(path).select_one("#summary")
    assert isinstance(summary, Tag)
    return int(str(summary["data-listed"])), said(summary.get_text())
