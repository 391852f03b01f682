"""The web app from outside: addresses in, pages out, over a real index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from flask.testing import FlaskClient

from indexer import engine
from indexer.engine.payload import search_payload
from indexer.engine.port import Notice, Searcher
from indexer.settings import Settings
from tests import corpus
from webapp import create_app
from webapp.params import request_from

SEARCHES = (
    "/",
    "/?q=iran",
    "/?q=bread",
    "/?q=be",
    "/?q=quds+OR+oven",
    "/?q=miscalculates",
    "/?q=-iran",
    "/?q=nothing+at+all",
    "/?year=2008",
    "/?year=2009&q=iran",
    "/?category=Iran",
    "/?category=Iran&category=Bread&kind=post",
    "/?kind=comment",
    "/?kind=comment&q=iran",
    "/?kind=comment&kind=post&author=AJ",
    "/?month=2008-06",
    "/?from=2008-05-05&to=2008-12-31",
    "/?author=AJ&year=2008&year=2009",
    "/?tag=rye&tag=quds&group=none",
    "/?category=Iran&author=Marta",
)
HOSTILE_QUERIES = (
    "x" * 10_000,
    "(" * 1000,
    "NOT NOT x",
    "*a*",
    '"',
    "date:[x TO",
    "\0",
    "%00",
    '"><script>alert(1)</script>',
    "category:",
    "\ufffe\U0010ffff",
)


@pytest.fixture
def client(blog_settings: Settings, blog_searcher: Searcher) -> FlaskClient:
    return create_app(blog_settings, blog_searcher).test_client()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A blog whose every word is a script, and which names itself one."""
    script = "<script>alert(1)</script>"
    quoted = '"><img src=x onerror=alert(1)>'
    post = replace(
        corpus.IRAN,
        title=f"Iran {script}",
        author=quoted,
        categories=(script, quoted),
        tags=(quoted,),
        text=f"iran {script}",
    )
    comment = replace(
        corpus.DANKING,
        author=script,
        author_url="javascript:alert(1)",
        categories=post.categories,
        text=f"iran {quoted}",
    )
    ping = replace(corpus.PING, author=script, author_url="data:text/html,x")
    root = tmp_path_factory.mktemp("hostile")
    corpus.build(root, [post, comment, ping])
    settings = Settings(index_dir=root, blog_name=script, blog_description=quoted, blog_url="javascript:alert(1)")
    with closing(engine.open_live(settings)) as searcher:
        yield create_app(settings, searcher).test_client()


def page(client: FlaskClient, address: str, status: int = 200) -> BeautifulSoup:
    """The page at ``address``."""
    response = client.get(address)
    assert response.status_code == status, address
    assert response.mimetype == "text/html"
    return BeautifulSoup(response.text, "lxml")


def text(tag: Tag | None) -> str:
    """What a reader sees of ``tag``, in one line."""
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def texts(soup: BeautifulSoup, selector: str) -> list[str]:
    """What a reader sees of each match."""
    return [text(tag) for tag in soup.select(selector)]


def listed(soup: BeautifulSoup) -> int:
    """The total that the page states."""
    return int(str(soup.select("#summary")[0]["data-listed"]))


def test_the_empty_search_browses_everything_newest_first(client: FlaskClient) -> None:
    soup = page(client, "/")
    assert texts(soup, "h1") == ["All posts, newest first"]
    assert texts(soup, "#summary") == ["4 posts and 2 comments"]
    assert texts(soup, ".hits h2") == [
        "Bread again",
        "A loaf for the café",
        "Last efforts between US and Iran",
        "About",
    ]
    assert texts(soup, ".hits .meta > time:first-child") == ["2 January 2009", "31 December 2008", "4 May 2008"]
    assert texts(soup, ".sorts [aria-current]") == ["Newest"]
    assert soup.select("#q[autofocus]")


def test_a_search_lists_threads_with_their_matching_comments(client: FlaskClient) -> None:
    soup = page(client, "/?q=iran")
    assert texts(soup, "head > title") == ["Results for iran · Literal blog"]
    assert texts(soup, "#summary") == ["1 thread: 1 post and 1 comment match"]
    assert texts(soup, ".hits h2 mark") == ["Iran"]
    assert texts(soup, ".matches .snippet mark") == ["Iran"]
    assert [a["href"] for a in soup.select(".matches a")] == ["/post/p1?q=iran#comment-c1"]
    assert not soup.select("#q[autofocus]")


def test_comments_are_listed_one_by_one_when_only_they_are_wanted(client: FlaskClient) -> None:
    soup = page(client, "/?kind=comment")
    assert texts(soup, "#summary") == ["2 comments match"]
    assert texts(soup, ".hits h2") == [
        "Comment by AJ on Last efforts between US and Iran",
        "Comment by danking_70 on Last efforts between US and Iran",
    ]
    assert soup.select(".hits h2 a")[0]["href"] == "/post/p1?kind=comment#comment-c2"


@pytest.mark.parametrize("address", SEARCHES)
def test_following_a_facet_value_lists_exactly_its_count(client: FlaskClient, address: str) -> None:
    for link in page(client, address).select(".facet li:not(.excluded) a.value"):
        count = text(link.select_one(".count"))
        if "remove this filter" not in text(link):
            assert listed(page(client, str(link["href"]))) == int(count), link


@pytest.mark.parametrize("address", SEARCHES)
def test_the_filter_form_as_it_stands_repeats_the_search(client: FlaskClient, address: str) -> None:
    soup = page(client, address)
    if not soup.select(".filters"):
        assert (listed(soup), soup.select(".chips")) == (0, [])
        return
    fields = [
        (str(field["name"]), str(field.get("value", "")))
        for field in soup.select(".filters input")
        if field.get("type") != "checkbox" or field.has_attr("checked")
    ]
    again = client.get("/", query_string=fields)
    assert texts(BeautifulSoup(again.text, "lxml"), ".hits h2") == texts(soup, ".hits h2")
    assert texts(BeautifulSoup(again.text, "lxml"), ".chips li") == texts(soup, ".chips li")


def test_every_filter_is_a_chip_that_removes_it(client: FlaskClient) -> None:
    soup = page(client, "/?q=iran&category=Iran&year=2008&from=2008-05-01&page=2")
    assert texts(soup, ".chips li") == [
        "Remove filter Category: Iran ×",
        "Remove filter Year: 2008 ×",
        "Remove filter From: 1 May 2008 ×",
    ]
    assert [a["href"] for a in soup.select(".chips a")] == [
        "/?q=iran&year=2008&from=2008-05-01",
        "/?q=iran&category=Iran&from=2008-05-01",
        "/?q=iran&category=Iran&year=2008",
        "/?q=iran",
    ]


def test_the_search_box_keeps_the_filters(client: FlaskClient) -> None:
    soup = page(client, "/?q=iran&category=Iran&sort=oldest&page=2")
    hidden = [(field["name"], field["value"]) for field in soup.select(".search input[type=hidden]")]
    assert hidden == [("category", "Iran"), ("sort", "oldest")]


def test_paging_reaches_every_hit_once(client: FlaskClient) -> None:
    seen: list[str] = []
    address = "/?per_page=3"
    while address:
        soup = page(client, address)
        seen += texts(soup, ".hits h2")
        address = next((str(a["href"]) for a in soup.select(".paging a[rel=next]")), "")
    assert seen == texts(page(client, "/"), ".hits h2")


def test_a_page_beyond_the_last_leads_back(client: FlaskClient) -> None:
    soup = page(client, "/?per_page=3&page=40")
    assert texts(soup, ".results > .notice") == ["The results end before this page. Go to the last page, 2 ."]
    assert [a["href"] for a in soup.select(".results > .notice a")] == ["/?per_page=3&page=2"]
    assert [a["href"] for a in soup.select(".paging a[rel=prev]")] == ["/?per_page=3&page=2"]


def test_a_search_without_results_offers_ways_out_that_lead_somewhere(client: FlaskClient) -> None:
    soup = page(client, "/?q=iran+oven+zzyzx&year=2008&tag=rye")
    assert listed(soup) == 0
    assert texts(soup, ".empty .words li") == ["iran nowhere", "oven 1", "zzyzx nowhere"]
    assert [a["href"] for a in soup.select(".empty > p a")] == ["/?q=iran+OR+oven+OR+zzyzx&tag=rye&year=2008"]
    assert not soup.select(".empty .fewer")
    assert [a["href"] for a in soup.select(".empty .onward a")] == ["/help", "/"]
    assert texts(soup, ".cloud li") == ["Bread 2", "Iran 2", "Sadr/Mahdi Army 1"]


def test_filters_that_hide_everything_are_taken_away_one_by_one_or_together(client: FlaskClient) -> None:
    soup = page(client, "/?q=iran&year=2008&-category=Iran")
    assert texts(soup, ".empty .fewer li") == ["without “not Category: Iran” 1", "without any filter 1"]
    assert [a["href"] for a in soup.select(".fewer a")] == ["/?q=iran&year=2008", "/?q=iran"]


@pytest.mark.parametrize("address", ["/?q=iran+oven&year=2008", "/?tag=rye&-year=2008", "/?q=a+b+c+d+e+f+g+h+i+j"])
def test_every_way_out_finds_what_it_says(client: FlaskClient, address: str) -> None:
    for link in page(client, address).select(".empty a:has(+ .count)"):
        count = link.find_next_sibling("span")
        assert isinstance(count, Tag)
        assert listed(page(client, str(link["href"]))) == int(text(count))


def test_a_value_is_excluded_by_its_not_and_let_in_again(client: FlaskClient) -> None:
    soup = page(client, "/?q=iran+OR+bread")
    row = next(li for li in soup.select(".facet-category li") if "Bread" in text(li))
    excluded = page(client, str(row.select(".not")[0]["href"]))
    assert texts(excluded, ".chips li") == ["Remove filter not Category: Bread ×"]
    assert texts(excluded, ".facet-category .excluded s") == ["Bread"]
    assert texts(excluded, ".hits h2") == ["Last efforts between US and Iran"]
    assert excluded.select('.filters input[type=hidden][name="-category"]')[0]["value"] == "Bread"
    assert excluded.select(".facet-category .excluded a")[0]["href"] == "/?q=iran+OR+bread"


def test_tabs_count_what_they_lead_to(client: FlaskClient) -> None:
    for address in (
        "/",
        "/?q=iran",
        "/?q=iran&kind=comment",
        "/?kind=page&kind=post&year=2009",
        "/?-kind=comment",
        "/?q=zzyzx",
    ):
        soup = page(client, address)
        assert len(soup.select(".tabs li")) == 3
        for tab in soup.select(".tabs a"):
            assert listed(page(client, str(tab["href"]))) == int(text(tab.select_one(".count"))), (address, tab)
        for tab in soup.select(".tabs [aria-current]"):
            assert listed(soup) == int(text(tab.select_one(".count")))
    assert texts(page(client, "/?kind=page&kind=post"), ".tabs [aria-current]") == ["Posts 4"]


def test_results_per_page_are_chosen_by_links(client: FlaskClient) -> None:
    soup = page(client, "/?per_page=1")
    assert texts(soup, ".sizes [aria-current]") == ["1"]
    assert [a["href"] for a in soup.select(".sizes a")] == ["/", "/?per_page=25", "/?per_page=50"]
    assert page(client, "/?q=iran&per_page=1").select(".sizes") == [], "every page would hold all"


def test_all_values_of_a_facet_have_a_page(client: FlaskClient) -> None:
    soup = page(client, "/facet/category?q=iran+OR+bread&from=2008&category=Iran")
    assert texts(soup, "h1") == ["Category"]
    assert texts(soup, ".facet li .label") == ["Iran", "Bread", "Sadr/Mahdi Army"]
    assert [box["value"] for box in soup.select(".facet input[checked]")] == ["Iran"]
    assert [(field["name"], field["value"]) for field in soup.select(".facet-page input[type=hidden]")] == [
        ("q", "iran OR bread"),
        ("from", "2008-01-01"),
    ]
    assert [a["href"] for a in soup.select(".back a")] == ["/?q=iran+OR+bread&category=Iran&from=2008-01-01"]
    for link in soup.select(".facet li a.value"):
        if "remove this filter" not in text(link):
            assert listed(page(client, str(link["href"]))) == int(text(link.select_one(".count")))


def test_values_are_found_by_a_part_and_selected_ones_stay_selected(client: FlaskClient) -> None:
    soup = page(client, "/facet/category?category=Iran&contains=SÁDR")
    assert texts(soup, ".facet li .label") == ["Sadr/Mahdi Army"]
    assert texts(soup, "#shown") == ["1 of 3 values"]
    assert [(field["name"], field["value"]) for field in soup.select(".facet-page input[type=hidden]")] == [
        ("category", "Iran")
    ]
    assert page(client, "/facet/nothing", 404)
    assert page(client, "/facet/tag?page=9999&contains=zzyzx")


def test_why_a_result_is_there_says_what_it_lacks(client: FlaskClient) -> None:
    soup = page(client, "/?q=quds+OR+zzyzx")
    assert texts(soup, ".why summary") == ["Why this result"]
    assert texts(soup, ".why li") == ["quds in the text", "zzyzx not here; it was optional"]
    assert texts(soup, ".understood") == []
    assert not page(client, "/").select(".why")


def test_a_misspelt_word_is_corrected_by_a_link(client: FlaskClient) -> None:
    soup = page(client, "/?q=deligation&year=2008")
    assert [a["href"] for a in soup.select(".suggestion a")] == ["/?q=delegation&year=2008"]


@pytest.mark.parametrize("query", HOSTILE_QUERIES)
def test_any_query_is_answered(client: FlaskClient, query: str) -> None:
    for address in ("/", "/api/v1/search", "/post/p1"):
        assert client.get(address, query_string={"q": query}).status_code == 200


def test_the_reading_view_shows_the_thread(client: FlaskClient) -> None:
    soup = page(client, "/post/p1?q=quds+iran&year=2008&page=2")
    assert texts(soup, "h1") == ["Last efforts between US and Iran"]
    assert texts(soup, ".post .prose mark") == ["Quds"]
    assert texts(soup, ".post > header .meta") == ["4 May 2008 by AJ 2 comments"]
    assert [a["href"] for a in soup.select(".back a")] == ["/?q=quds+iran&year=2008&page=2"] * 2
    assert [a["href"] for a in soup.select(".post > footer a")] == [
        "/?category=Iran",
        "/?category=Sadr%2FMahdi+Army",
        "/?tag=quds",
        "http://blog.example.com/2008/05/04/last-efforts/",
        "https://web.archive.org/web/20080504/http://blog.example.com/2008/05/04/last-efforts/",
    ]
    assert texts(soup, "#comment-c1 .author") == ["danking_70"]
    assert [a["href"] for a in soup.select("#comment-c1 .meta a")][:2] == [
        "/?author=danking_70&sort=newest",
        "http://danking.example.net/",
    ]
    assert soup.select("#comment-c1 ~ ol > li > #comment-c2")
    assert texts(soup, ".pingbacks summary") == ["1 link from another site"]
    assert [a["href"] for a in soup.select("#comment-c1 .anchor")] == ["#comment-c1"]


def test_pictures_are_links_unless_the_owner_allows_them(blog_settings: Settings, blog_searcher: Searcher) -> None:
    pages = {}
    for images in (False, True):
        client = create_app(replace(blog_settings, images=images), blog_searcher).test_client()
        pages[images] = page(client, "/post/p1")
        assert ("https: http:" in client.get("/").headers["Content-Security-Policy"]) is images
    assert texts(pages[False], ".picture") == ["image: Emblem of the force"]
    assert not pages[False].select("img")
    assert [img["src"] for img in pages[True].select("img")] == ["http://blog.example.com/emblem.png"]


def test_a_comment_leads_to_its_place_in_its_thread(client: FlaskClient) -> None:
    response = client.get("/post/c2?q=code")
    assert (response.status_code, response.location) == (302, "/post/p1?q=code#comment-c2")


@pytest.mark.parametrize("address", ["/post/unknown", "/post/", "/nowhere", "/static/nothing.css", "/post/a/b"])
def test_an_unknown_address_is_a_page_with_a_search_box(client: FlaskClient, address: str) -> None:
    soup = page(client, address, 404)
    assert texts(soup, "h1") == ["Not found"]
    assert soup.select("form[role=search] #q")


def test_the_api_prints_the_payload_of_the_same_search(client: FlaskClient, blog_searcher: Searcher) -> None:
    for address in SEARCHES:
        response = client.get("/api/v1/search" + address[1:])
        with client.application.test_request_context(address) as context:
            wanted = search_payload(blog_searcher.search(request_from(context.request.args, Settings())))
        assert response.content_type == "application/json; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-store"
        assert json.loads(response.text) | {"took_ms": 0} == wanted | {"took_ms": 0}
    assert "café" in client.get("/api/v1/search?q=loaf").text


def test_errors_of_the_api_are_json_of_one_shape(client: FlaskClient) -> None:
    missing, refused = client.get("/api/v1/nothing"), client.post("/api/v1/search")
    assert (missing.status_code, list(json.loads(missing.text)["error"])) == (404, ["status", "message"])
    assert (refused.status_code, json.loads(refused.text)["error"]["status"]) == (405, 405)
    assert sorted(refused.headers["Allow"].split(", ")) == ["GET", "HEAD", "OPTIONS"]


def test_health_and_readiness(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    ready = json.loads(client.get("/readyz").text)
    assert ready["counts"] == {"posts": 3, "pages": 1, "comments": 2, "pingbacks": 1}


def test_without_an_index_every_face_says_what_to_run(tmp_path: Path) -> None:
    settings = Settings(index_dir=tmp_path / "none", blog_name="My blog")
    client = create_app(settings).test_client()
    soup = page(client, "/?q=x", 503)
    assert "backfile index" in text(soup.find("main"))
    assert texts(soup, ".blog-name") == ["My blog"]
    assert "backfile index" in json.loads(client.get("/api/v1/search").text)["error"]["message"]
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/help").status_code == 200
    assert page(client, "/post/x", 503)
    french = client.get("/", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert texts(BeautifulSoup(french, "lxml"), ".error p")[1] == "Rien n’a encore été indexé ici."
    assert "backfile index" in texts(BeautifulSoup(french, "lxml"), ".error [lang=en]")[0]


def test_notices_are_in_the_readers_language_and_english_in_the_api(client: FlaskClient) -> None:
    soup = BeautifulSoup(client.get("/?q=in:x", headers={"Accept-Language": "fr"}).get_data(as_text=True), "lxml")
    assert texts(soup, ".notice")[0].startswith("in:x a été cherché comme des mots")
    answer = client.get("/api/v1/search?q=in:x", headers={"Accept-Language": "fr"}).json
    assert answer
    assert answer["notices"] == [str(Notice("group", text="in:x"))]


def test_an_index_built_while_serving_is_found(tmp_path: Path) -> None:
    settings = Settings(index_dir=tmp_path)
    with closing(engine.open_live(settings)) as searcher:
        client = create_app(settings, searcher).test_client()
        assert client.get("/").status_code == 503
        corpus.build(tmp_path)
        assert listed(page(client, "/")) == 4


def test_a_fault_is_a_page_without_a_traceback(blog_settings: Settings, blog_searcher: Searcher) -> None:
    app = create_app(blog_settings, blog_searcher)
    for address in ("/fault", "/api/fault"):
        app.add_url_rule(address, address, lambda: str(1 // 0))
    client = app.test_client()
    html, data = client.get("/fault"), client.get("/api/fault")
    assert (html.status_code, data.status_code) == (500, 500)
    assert not re.search("Traceback|ZeroDivision", html.text + data.text)
    assert json.loads(data.text)["error"]["status"] == 500


EVERYTHING = (
    "/",
    "/?q=iran",
    "/facet/category?q=iran&-tag=quds",
    "/?q=none+here&year=2008",
    "/post/p1?q=iran",
    "/help",
    "/nowhere",
)
OTHERS = ("/api/v1/search", "/api/none", "/healthz", "/readyz", "/static/style.css", "/static/none", "/post/c1")


@pytest.mark.parametrize("address", EVERYTHING + OTHERS)
def test_every_response_carries_the_security_headers_and_no_cookie(client: FlaskClient, address: str) -> None:
    with client.get(address) as response:
        headers = response.headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Permissions-Policy" in headers
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("address", EVERYTHING)
def test_nothing_inline_nothing_from_elsewhere_and_no_endorsed_link(hostile: FlaskClient, address: str) -> None:
    soup = BeautifulSoup(hostile.get(address).text, "lxml")
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"], tag
        for name in ("src", "href", "action"):
            target = str(tag.get(name, ""))
            if tag.name != "a":
                assert not target or (target.startswith("/") and not target.startswith("//")), tag
            elif urlsplit(target).scheme:
                assert target.startswith(("http://", "https://")), tag
                assert {"nofollow", "noopener", "noreferrer"} <= set(tag["rel"]), tag
    scripts = [str(script["src"]) for script in soup.find_all("script")]
    assert scripts
    assert all(script.startswith("/static/") for script in scripts)
    assert all(not script.string for script in soup.find_all("script"))
    assert not soup.find_all("img")


def test_a_page_is_a_document_with_landmarks_and_labels(client: FlaskClient) -> None:
    for address in EVERYTHING:
        soup = BeautifulSoup(client.get(address).text, "lxml")
        assert soup.select('html[lang="en"]')
        assert [len(soup.select(name)) for name in ("main", "h1", "head > title")] == [1, 1, 1]
        ids = [tag["id"] for tag in soup.select("[id]")]
        assert len(ids) == len(set(ids))
        assert soup.select('a[href="#main"]')
        for field in soup.select("input:not([type=hidden])"):
            assert (
                field.has_attr("aria-label") or field.find_parent("label") or soup.select(f"label[for={field['id']}]")
            )


def test_static_files_carry_their_version_and_stay(client: FlaskClient) -> None:
    address = str(page(client, "/").select("link[rel=stylesheet]")[0]["href"])
    assert re.fullmatch("[0-9a-f]{10}", parse_qs(urlsplit(address).query)["v"][0])
    with client.get(address) as known, client.get("/static/style.css?v=other") as other:
        assert known.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert other.headers["Cache-Control"] == "no-cache"


def test_an_unchanged_page_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/?q=iran")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/?q=iran", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")


def test_style_and_script_stay_small() -> None:
    static = Path(create_app(Settings()).static_folder or "")
    assert (static / "style.css").stat().st_size < 20_000
    assert (static / "backfile.js").stat().st_size < 4_000


def test_visitors_are_not_told_where_the_missing_index_should_be(tmp_path: Path) -> None:
    client = create_app(Settings(index_dir=tmp_path / "nowhere")).test_client()
    for path in ("/", "/api/v1/search?q=x"):
        assert "nowhere" in client.get(path).text
        assert "nowhere" not in client.get(path, headers={"Host": "archive.example.org"}).text
