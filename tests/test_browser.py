"""The site in a real browser, served by the real command: what a reader does, and what they see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from playwright.sync_api import Page, expect

from tests.browser import (
    DESKTOP,
    NARROW,
    PHONE,
    SAMPLE,
    Open,
    addresses,
    apply,
    expect_listed,
    fetch,
    index,
    listed,
    no_sideways_scroll,
    serving,
    show_filters,
    tick,
    titles,
)

# Searching, narrowing, reading, coming back


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_reader_searches_narrows_reads_and_comes_back(sample_site: str, open_page: Open, width: int) -> None:
    """Ticking and following filters shows their counts, the post marks the words, and its link leads back to the same."""
    page = open_page(sample_site, width)
    page.locator("#q").fill("bread")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for bread")

    show_filters(page)
    in_category = tick(page, "category", "Category: Island People")
    if width == PHONE:
        apply(page)
    expect_listed(page, in_category)
    expect(page).to_have_url(f"{sample_site}/?q=bread&category=Island+People")

    show_filters(page)
    year = page.locator(".facet-year li").first
    in_year = int(year.locator(".count").inner_text())
    assert 0 < in_year < in_category
    year.locator("a.value").click()
    expect_listed(page, in_year)
    expect(page.locator(".chips li")).to_have_count(2)

    address, found = page.url, titles(page)
    assert len(found) == in_year
    page.locator(".hits h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(found[0])
    expect(page.locator("main mark").first).to_be_visible()
    assert {mark.lower() for mark in page.locator("main mark").all_inner_texts()} == {"bread"}

    page.get_by_role("link", name="Back to results").first.click()
    expect(page).to_have_url(address)
    expect_listed(page, in_year)
    expect(page.locator(".hits h2")).to_have_text(found)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_same_without_javascript(sample_site: str, open_page: Open, width: int) -> None:
    """Without scripts several boxes are ticked and applied at once, and everything else is the same."""
    page = open_page(sample_site, width, javascript=False)
    page.locator("#q").fill("bread")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for bread")
    everything = listed(page)

    show_filters(page)
    counts = [tick(page, "category", f"Category: {name}") for name in ("Bread", "Island People")]
    apply(page)
    expect(page.locator(".chips li")).to_have_count(2)
    assert max(counts) <= listed(page) <= min(sum(counts), everything)

    show_filters(page)
    in_year = tick(page, "year", "Year: 2012")
    apply(page)
    expect_listed(page, in_year)

    address, found = page.url, titles(page)
    page.locator(".hits h2 a").first.click()
    expect(page.locator("main mark").first).to_be_visible()
    page.get_by_role("link", name="Back to results").first.click()
    expect(page.locator(".hits h2")).to_have_text(found)
    # The form also sends its empty date fields; the link back has the same search without them.
    assert page.url == address.replace("&from=&to=", "")
    expect_listed(page, in_year)


def test_a_box_typed_into_keeps_the_filters(sample_site: str, open_page: Open) -> None:
    """Other words are searched under the filters that are active, from the first page on."""
    page = open_page(f"{sample_site}/?q=the&kind=post&sort=oldest&page=2")
    page.locator("#q").fill("horn")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{sample_site}/?q=horn&kind=post&sort=oldest")


# Counts

SEARCHES = (
    "",
    "q=bread",
    "q=gull+OR+gulls",
    "q=%22the+ferry%22",
    "q=to+be",
    "q=light*",
    "q=bread+-rye",
    "q=author%3AOdell",
    "q=title%3Ahorn",
    "q=in%3Acomments+radio",
    "q=date%3A2014",
    "q=the&kind=comment",
    "q=tide&kind=post",
    "kind=comment&category=Bread",
    "category=Bread&category=Birds",
    "category=Workshop&year=2013&year=2014",
    "author=Odell",
    "q=fog&tag=fog",
    "q=the&from=2014-03-01&to=2015-06-15",
    "year=2019&month=2019-12&sort=oldest",
)


def facet_links(page: BeautifulSoup) -> Iterator[tuple[str, int]]:
    """The address and the count of every facet value that is not the one selection already."""
    for link in page.select(".facet li a.value"):
        number = link.select_one(".count")
        assert number
        if "remove this filter" in link.get_text():
            assert number.get_text(strip=True) == listed_in(page), f"{link.get_text(' ', strip=True)}"
        else:
            yield str(link["href"]), int(number.get_text(strip=True).replace(",", ""))


def listed_in(page: BeautifulSoup) -> str:
    summary = page.select_one("#summary")
    assert isinstance(summary, Tag)
    return f"{int(str(summary['data-listed'])):,}"


def test_every_facet_count_is_the_total_behind_its_link(sample_site: str) -> None:
    """For every value on the first page of twenty searches, its link lists as many results as it says."""
    promised: dict[str, int] = {}
    for search in SEARCHES:
        page = BeautifulSoup(fetch(f"{sample_site}/?{search}")[1], "lxml")
        links = dict(facet_links(page))
        assert links, search
        for address, count in links.items():
            assert promised.setdefault(address, count) == count, f"{address}: two searches promise different counts"
    wrong = {}
    for address, count in promised.items():
        page_text = fetch(urljoin(sample_site, address))[1]  # not parsed: there are hundreds of them
        shown = (re.findall(r'data-listed="(\d+)"', page_text), page_text.count("<article>"))
        if shown != ([str(count)], min(count, 10)):
            wrong[address] = (count, shown)
    assert wrong == {}
    assert len(promised) > 500


@pytest.mark.parametrize("facet", ["kind", "category", "year", "post_author", "comment_author", "tag"])
def test_a_facet_value_that_is_clicked_lists_its_count(sample_site: str, open_page: Open, facet: str) -> None:
    """The same by hand, for the last visible value of a facet."""
    page = open_page(f"{sample_site}/?q=the")
    row = page.locator(f".facet-{facet} > ul li").last
    count = int(row.locator(".count").inner_text())
    row.locator("a.value").click()
    expect(page.locator(".chips li")).to_have_count(1)
    expect_listed(page, count)


def test_a_value_is_excluded_and_let_in_again(sample_site: str, open_page: Open) -> None:
    """The small "not" leaves a value out; it is listed struck, and undone by its link."""
    page = open_page(f"{sample_site}/?q=the")
    everything = listed(page)
    page.locator(".facet-category").get_by_role("link", name="not Bread").click()
    expect(page).to_have_url(f"{sample_site}/?q=the&-category=Bread")
    expect(page.locator(".chips li")).to_contain_text("not Category: Bread")
    assert 0 < listed(page) < everything
    page.locator(".facet-category .excluded").get_by_role("link").click()
    expect_listed(page, everything)


def test_all_values_are_found_ticked_and_applied(sample_site: str, open_page: Open) -> None:
    """Show all leads to every value; Enter in its box filters and keeps what is ticked; Apply leads to the results."""
    page = open_page(f"{sample_site}/?q=the")
    page.locator(".facet-tag").get_by_role("link", name="Show all").click()
    page.get_by_role("checkbox", name="Tag: dulse").check()
    page.get_by_label("Only values that contain").fill("EIDER")
    page.keyboard.press("Enter")
    expect(page.locator("ul.facet li")).to_have_count(1)
    page.get_by_role("checkbox", name="Tag: eider").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chips li")).to_have_count(2)
    expect(page.get_by_role("checkbox", name="Tag: dulse")).to_be_checked()


def test_filters_are_removed_one_by_one_or_all_at_once(sample_site: str, open_page: Open) -> None:
    """Each removal keeps the other filters; at the end the count is the unfiltered one."""
    everything = listed(open_page(f"{sample_site}/?q=the"))
    filtered = f"{sample_site}/?q=the&category=Bread&category=Workshop&year=2013&from=2013-02-01&to=2013-11-30"
    page = open_page(filtered)
    chips = page.locator(".chips li")
    expect(chips).to_have_count(5)
    found = [listed(page)]
    for left in range(4, -1, -1):
        chips.last.get_by_role("link").click()
        expect(chips).to_have_count(left)
        found.append(listed(page))
    # Less is found when one of two categories goes; every other removal, the dates and the year first, finds more.
    assert found[:4] == sorted(found[:4])
    assert found[-1] == everything > found[0] > 0
    expect(page).to_have_url(f"{sample_site}/?q=the")

    page.goto(filtered)
    page.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(f"{sample_site}/?q=the")
    expect_listed(page, everything)


# Moving about


def test_pages_follow_each_other_and_the_browser_goes_back(sample_site: str, open_page: Open) -> None:
    """Next shows the following results, all different, and the back button the earlier ones again."""
    page = open_page(f"{sample_site}/?q=the&kind=comment")
    seen = [addresses(page)]
    for number in (2, 3):
        page.get_by_role("link", name="Next").click()
        expect(page.locator(".paging [aria-current=page]")).to_have_text(f"Page {number}")
        seen.append(addresses(page))
    anchors = [re.sub(r".*#", "", address) for part in seen for address in part]
    assert len(anchors) == len(set(anchors)) == 30
    page.go_back()
    expect(page.locator(".paging [aria-current=page]")).to_have_text("Page 2")
    assert addresses(page) == seen[1]


def test_results_are_sorted_as_asked(sample_site: str, open_page: Open) -> None:
    """The links above the results order them by date, in both directions, and by their comments."""
    page = open_page(f"{sample_site}/?q=the")
    total = listed(page)

    def sorted_by(name: str) -> Page:
        page.locator(".sorts").get_by_role("link", name=name).click()
        expect(page.locator(".sorts [aria-current]")).to_have_text(name)
        expect_listed(page, total)
        page.wait_for_load_state()
        return page

    dates = "times => times.map(time => time.getAttribute('datetime'))"
    newest = sorted_by("Newest").locator(".hits h2 + .meta time").evaluate_all(dates)
    oldest = sorted_by("Oldest").locator(".hits h2 + .meta time").evaluate_all(dates)
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)
    assert oldest[-1] < newest[-1]
    metas = sorted_by("Most discussed").locator(".hits h2 + .meta").all_inner_texts()
    discussed = [int(found[1]) for meta in metas if (found := re.search(r"(\d+) comments?", meta))]
    assert len(discussed) == 10
    assert discussed == sorted(discussed, reverse=True)


def test_a_misspelt_word_is_corrected_by_a_link(sample_site: str, open_page: Open) -> None:
    """Did you mean leads to results."""
    page = open_page(f"{sample_site}/?q=lighthose")
    expect_listed(page, 0)
    page.locator(".suggestion").get_by_role("link", name="lighthouse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for lighthouse")
    assert listed(page) > 0


@pytest.mark.parametrize(
    "search", ["q=horn+zzyzx", "q=zzyzx", "category=Bread&year=1999", "q=horn&year=2012&tag=sourdough"]
)
def test_finding_nothing_offers_help_that_finds_something(sample_site: str, open_page: Open, search: str) -> None:
    """Words alone, fewer filters, every category and the whole archive lead to results, as many as are promised."""
    page = open_page(f"{sample_site}/?{search}")
    expect_listed(page, 0)
    empty = BeautifulSoup(page.locator(".empty").inner_html(), "lxml")
    leads = [link for link in empty.select("a") if link["href"] != "/help"]
    assert len(leads) >= 9  # eight categories, all posts
    for link in leads:
        found = int(listed_in(BeautifulSoup(fetch(urljoin(sample_site, str(link["href"])))[1], "lxml")))
        count = link.find_next_sibling("span", class_="count")
        assert found == int(count.get_text()) if count else found > 0, link
    if "year" in search:
        page.locator(".empty .fewer a").last.click()
        expect(page.locator(".empty")).to_have_count(0)
        assert listed(page) > 0


# Reading


def test_comments_are_threaded_and_each_has_its_address(sample_site: str, open_page: Open) -> None:
    """Replies stand inside what they answer, all of them once, and a comment's address scrolls to it."""
    page = open_page(f"{sample_site}/?sort=discussed")
    page.locator(".hits h2 a").first.click()
    comments = page.locator("#comments > ol.comments article.comment")
    expect(page.locator("#comments-heading")).to_be_visible()
    page.wait_for_load_state()
    ids: list[str] = comments.evaluate_all("all => all.map(one => one.id)")
    heading = page.locator("#comments-heading").inner_text()
    assert heading == f"{len(ids)} comments"
    assert len(set(ids)) == len(ids) == 7
    assert page.locator("#comments > ol.comments > li").count() < len(ids)

    page.locator(f"#{ids[-1]} .anchor").click()
    expect(page).to_have_url(re.compile(f"#{ids[-1]}$"))
    fresh = open_page(page.url)
    expect(fresh.locator(f"#{ids[-1]}")).to_be_in_viewport()
    assert fresh.locator(":target").get_attribute("id") == ids[-1]


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_comment_found_is_the_place_one_arrives_at(sample_site: str, open_page: Open, width: int) -> None:
    """A result that is a comment opens its thread at the comment, its words marked."""
    page = open_page(f"{sample_site}/?q=lantern&kind=comment", width)
    page.locator(".hits h2 a").first.click()
    target = page.locator("article.comment:target")
    expect(target).to_be_in_viewport()
    expect(target.locator("mark").first).to_have_text("lantern")


def test_links_out_are_guarded_and_nothing_is_fetched_from_elsewhere(sample_site: str, open_page: Open) -> None:
    """Every link that leaves the site carries its rel, pictures are links, and the original address is there."""
    page = open_page(f"{sample_site}/?per_page=100")
    posts = addresses(page)
    assert len(posts) == 76
    for address in posts:
        soup = BeautifulSoup(fetch(address)[1], "lxml")
        out = [link for link in soup.select("a[href]") if not str(link["href"]).startswith(("/", "#"))]
        unguarded = [link for link in out if not {"nofollow", "noopener", "noreferrer"} <= set(link.get("rel") or ())]
        assert unguarded == []
        original, copy = (str(link["href"]) for link in soup.select(".post > footer dd [rel]"))
        assert original.startswith("http://fogsignal.example.org/")
        assert re.fullmatch(r"https://web\.archive\.org/web/(\d{8}|\*)/" + re.escape(original), copy)
        assert soup.select("img, iframe, object, embed, video, audio, form:not([role=search])") == []
    with_pictures = [address for address in posts if 'class="picture"' in fetch(address)[1]]
    assert with_pictures
    page.goto(with_pictures[0])
    expect(page.locator(".picture").first).to_be_visible()


# Everybody


def test_the_keyboard_alone_is_enough(sample_site: str, open_page: Open) -> None:
    """Slash goes to the box, Enter searches, the skip link passes the filters, Tab reaches a result, Enter opens it."""
    page = open_page(f"{sample_site}/?q=radio")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("bread")  # "/" selected what was there
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for bread")

    expect(page.locator(".results")).to_be_focused()  # what was found is where the next Tab goes on
    page.reload()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to results")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    first = page.locator(".hits h2 a").first
    for _ in range(60):  # tabs, orders, numbers of results and the timeline come first
        page.keyboard.press("Tab")
        if first.evaluate("link => link === document.activeElement"):
            break
    expect(first).to_be_focused()
    title = first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("link", name="Skip to the post")).to_have_count(1)


PAGES = {
    "browse": ("/", 200),
    "results": ("/?q=bread&category=Bread&year=2012", 200),
    "comments": ("/?q=the&kind=comment&page=2", 200),
    "nothing": ("/?q=zzyzx+horn&category=Bread", 200),
    "a word without end": ("/?q=" + "unpronounceable" * 20, 200),
    "help": ("/help", 200),
    "about the archive": ("/about/archive?reason=duplicate", 200),
    "reading": ("", 200),
    "error": ("/nothing-here", 404),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_a_small_phone_and_says_what_it_is(sample_site: str, open_page: Open, name: str) -> None:
    """At 320 pixels nothing scrolls sideways; a page has a language, one heading, one main part and a skip link."""
    path, status = PAGES[name]
    page = open_page(sample_site + path, NARROW)
    if name == "reading":
        page.goto(f"{sample_site}/?sort=discussed")
        page.locator(".hits h2 a").first.click()
        expect(page.locator("article.post")).to_be_visible()
    assert fetch(page.url)[0] == status
    assert no_sideways_scroll(page)
    show_filters(page)
    assert no_sideways_scroll(page)
    assert page.locator("html").get_attribute("lang") == "en"
    assert [page.locator(part).count() for part in ("h1", "main", "body > a.skip")] == [1, 1, 1]
    skip_target = page.locator("body > a.skip").get_attribute("href") or ""
    assert page.locator(skip_target).count() == 1


def test_a_server_without_an_index_says_what_to_run_and_then_needs_no_restart(tmp_path: Path, open_page: Open) -> None:
    """The page names the command with status 503; once it was run, the same address answers."""
    directory = tmp_path / "index_data"
    with serving(directory, wait_for="/healthz") as site:
        page = open_page(site)
        assert fetch(site)[0] == fetch(f"{site}/readyz")[0] == 503
        expect(page.locator("main")).to_contain_text("backfile index")
        index(directory, SAMPLE)
        page.reload()
        expect(page.get_by_role("link", name="Fog Signal", exact=True)).to_be_visible()
        expect_listed(page, 76)
        assert fetch(f"{site}/readyz")[0] == 200
