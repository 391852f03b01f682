"""The join: which posts and comments are one, which copy is kept, and that every item has one fate."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents import CommentKey, Key, Place, PostKey, Thread, digest
from indexer.joining import Copy, Dropped, Join

RANKS = {"wordpress": 4, "markdown": 4, "savedpage": 3, "feed": 2}
NOON = datetime(2008, 5, 4, 12, 0)
PRETTY = "http://b.example/2008/05/title/"


def post(file: str, number: str = "", url: str = "", source: str = "wordpress", **more: Any) -> PostKey:
    values: dict[str, Any] = {
        "source": source,
        "locator": file,
        "native_id": number,
        "url": url,
        "aliases": (),
        "kind": "post",
        "title": "",
        "author": "",
        "published": None,
        "modified": None,
        "captured": None,
        "categories": (),
        "tags": (),
        "length": 10,
        "id": "",
    }
    values |= more
    return PostKey(**{"shown_url": values["url"], "shown_title": values["title"], **values})


def comment(file: str, number: str, of: str, source: str = "wordpress", said: int = 0, **more: Any) -> CommentKey:
    values = {"post_aliases": (), "parent": "", "kind": "comment", "id": ""}
    return CommentKey(source=source, file=file, native_id=number, post=of, said=said, **{**values, **more})


def fates(*sources: list[Key], takedown: tuple[str, ...] = ()) -> list[Any]:
    """What becomes of each item of sources that are one batch each: a `Place`, the item whose copy it is, or a reason."""
    join = Join(RANKS, takedown)
    for number, keys in enumerate(sources):
        join.add(number, keys)
    join.settle()
    found: list[Any] = []
    for batch, keys in enumerate(sources):
        places = join.places(batch)
        dropped = dict(join.dropped(batch))
        assert [place is None for place in places] == [n in dropped for n in range(len(keys))]
        for n, place in enumerate(places):
            why = dropped.get(n)
            found.append(
                sources[why.batch][why.place]
                if isinstance(why, Copy)
                else why.reason
                if isinstance(why, Dropped)
                else place
            )
    return found


def threads(*sources: list[Key]) -> list[Thread]:
    return [fate.thread for fate in fates(*sources) if isinstance(fate, Place) and fate.kind == "post"]


def test_an_export_a_page_and_a_feed_of_one_post_are_one_and_the_export_is_kept() -> None:
    feed = post("feed.xml", url="https://www.b.example/2008/05/title/?utm_source=rss", source="feed", length=999)
    page = post("m/index.html", url="http://b.example/2008/05/title", source="savedpage", length=500)
    export = post("export.xml", "12", PRETTY, length=100)
    assert fates([feed], [page], [export])[:2] == [export, export]
    assert [thread.id for thread in threads([feed], [page], [export])] == [digest("b.example/2008/05/title")]


def test_an_address_by_number_is_mapped_where_any_copy_tells_the_permalink() -> None:
    for_export = post("export.xml", "12", PRETTY)
    by_number = post("m/index.html?p=12", "", "http://b.example/?p=12", source="savedpage")
    elsewhere = post("x/index.html?p=12", "", "http://other.example/?p=12", source="savedpage")
    kept = fates([by_number], [elsewhere], [for_export])
    assert kept[0] == for_export
    assert isinstance(kept[1], Place)
    assert kept[2].thread.url == PRETTY
    # The page that is kept for its rank comes out under the permalink that the feed knows.
    feed = post("feed.xml", url=PRETTY, source="feed", aliases=("http://b.example/?p=12",))
    assert [thread.url for thread in threads([by_number], [feed])] == [PRETTY]


def test_what_one_file_holds_under_two_numbers_is_two_posts() -> None:
    same = [post("export.xml", "1", PRETTY), post("export.xml", "2", PRETTY)]
    assert len({thread.id for thread in threads([*same])}) == 2
    by_number = [post("export.xml", "1", PRETTY), post("export.xml", "2", "http://b.example/?p=1")]
    assert len({thread.id for thread in threads([*by_number])}) == 2


def test_two_posts_of_one_address_are_two_in_every_export() -> None:
    one, two = ([post(file, number, PRETTY) for number in "12"] for file in ("one.xml", "two.xml"))
    assert fates([*one], [*two])[2:] == one


def pages(url: str, count: int, name: str, **more: Any) -> list[Key]:
    return [post(f"{name}{n}.html", url=url, source="savedpage", **more) for n in range(count)]


def crowds(size: int) -> dict[str, list[Key]]:
    """Archives in which thousands of files have one post."""
    other = PRETTY + "x"
    titled: dict[str, Any] = {"title": "A title", "published": NOON}
    told_apart = [post("e.xml", "1", PRETTY), *pages(other, size, "b"), post("e.xml", "2", other)]
    return {
        "one address in one file": [post("e.xml", str(n), PRETTY) for n in range(size)],
        "two crowds that one file tells apart": [
            *pages(PRETTY, size, "a"),
            *told_apart,
            *pages(other, size, "b", aliases=(PRETTY,)),
        ],
        "one number and title": pages("", size, "a", native_id="7", **titled),
        "two crowds of one title that share a file": [
            *(key for number in "78" for key in pages("", size, number, native_id=number, **titled)),
            *(post("e.xml", number, source="savedpage", **titled) for number in "78"),
        ],
    }


@pytest.mark.parametrize("name", crowds(0))
def test_the_time_of_the_join_grows_with_what_there_is_to_join(name: str) -> None:
    keys = crowds(10_000)[name]
    join = Join(RANKS)
    join.add(0, keys)
    started = time.process_time()
    join.settle()
    assert time.process_time() - started < 4, "comparing all with all took up to 26 s"


def test_a_post_without_address_is_known_by_title_and_minute_in_another_file() -> None:
    one = post("export.txt", "a-title", title="“A Title”", published=NOON, source="markdown")
    two = post("feed.xml", url=PRETTY, title='"A title"', published=NOON, source="feed")
    later = post("other.xml", url=PRETTY + "x", title="A title", published=NOON.replace(minute=1), source="feed")
    assert [fate == one for fate in fates([one], [two], [later])] == [False, True, False]
    both_addressed = post("c.xml", url="http://b.example/other/", title="A title", published=NOON, source="feed")
    assert isinstance(fates([two], [both_addressed])[1], Place)


def test_of_equal_formats_the_latest_capture_is_kept_then_the_latest_edit_then_the_longest() -> None:
    def page(file: str, length: int, **more: Any) -> PostKey:
        return post(file, url=PRETTY, source="savedpage", length=length, **more)

    short, long = page("a", 1), page("b", 2)
    edited = page("c", 1, modified=datetime(2009, 1, 1, tzinfo=UTC))
    early, late = (page(f, 1, captured=datetime(year, 1, 1, tzinfo=UTC)) for f, year in (("d", 2010), ("e", 2012)))
    everything: list[Key] = [short, long, edited, early, late]
    for count, best in ((2, long), (3, edited), (4, early), (5, late)):
        kept = [
            key for key, fate in zip(everything, fates(everything[:count]), strict=False) if isinstance(fate, Place)
        ]
        assert kept == [best]


def test_what_the_best_copy_lacks_comes_from_the_next() -> None:
    page = post("p", url=PRETTY, source="savedpage", title="On the page", categories=("Iran",))
    feed = post("f", url=PRETTY, source="feed", title="In the feed", author="AJ", published=NOON, tags=("quds",))
    (thread,) = threads([feed], [page])
    assert thread == Thread(digest("b.example/2008/05/title"), PRETTY, "On the page", "AJ", NOON, ("Iran",), ("quds",))


def test_comments_of_all_copies_are_united() -> None:
    export: list[Key] = [
        post("e.xml", "12", PRETTY),
        comment("e.xml", "7", "12", said=1),
        comment("e.xml", "8", "12", said=2),
    ]
    page: list[Key] = [
        post("m.html", "", PRETTY, source="savedpage"),
        comment("m.html", "7", PRETTY, "savedpage", said=3),  # the number says so, whatever became of the words
        comment("m.html", "", PRETTY, "savedpage", said=2),
        comment("m.html", "9", PRETTY, "savedpage", said=4),
    ]
    found = fates(page, export)
    assert found[1:3] == [export[1], export[2]]
    assert [isinstance(fate, Place) for fate in found] == [False, False, False, True, True, True, True]
    assert {fate.thread.id for fate in found if isinstance(fate, Place)} == {digest("b.example/2008/05/title")}


def test_one_file_may_hold_the_same_words_twice_under_two_numbers() -> None:
    keys: list[Key] = [post("e.xml", "12"), comment("e.xml", "7", "12", said=1), comment("e.xml", "8", "12", said=1)]
    assert all(isinstance(fate, Place) for fate in fates(keys))
    unnumbered: list[Key] = [
        post("e.txt", "12"),
        comment("e.txt", "", "12", said=1),
        comment("e.txt", "", "12", said=1),
    ]
    assert fates(unnumbered)[2] == unnumbered[1]


def test_an_answer_to_a_copy_answers_what_is_kept() -> None:
    export: list[Key] = [post("e.xml", "12", PRETTY), comment("e.xml", "7", "12", said=1)]
    disqus: list[Key] = [
        comment("d.xml", "disqus-70", PRETTY, "disqus", said=1),
        comment("d.xml", "disqus-71", PRETTY, "disqus", said=2, parent="disqus-70"),
    ]
    found = fates(disqus, export)
    assert found[0] == export[1]
    assert found[1].parent == found[3].id


def test_comments_find_their_post_by_number_address_alias_or_path() -> None:
    posts: list[Key] = [
        post("a.md", "a-slug", "http://new.example/2010/09/a-title/", "markdown", aliases=("identifier 5",)),
        post("b.md", "b-slug", "http://new.example/about/", "markdown"),
    ]
    comments: list[Key] = [
        comment("_data/1.yml", "", "a-slug", "markdown", said=1),
        comment("d.xml", "1", "http://www.new.example/2010/09/a-title/index.html", "disqus", said=2),
        comment("d.xml", "2", "", "disqus", said=3, post_aliases=("identifier 5",)),
        comment("d.xml", "3", "http://old.example/2010/09/a-title/", "disqus", said=4),
        comment("d.xml", "4", "http://old.example/about/", "disqus", said=5),  # one word tells nothing
        comment("e.xml", "5", "a-slug", "wordpress", said=6),  # another format's slug
    ]
    found = fates([*posts, *comments])
    assert [fate if isinstance(fate, str) else fate.thread.url for fate in found[2:]] == [
        *["http://new.example/2010/09/a-title/"] * 4,
        *["orphan"] * 2,
    ]


def test_two_exports_in_one_folder_may_count_from_one() -> None:
    one: list[Key] = [post("one.xml", "1", PRETTY), comment("one.xml", "1", "1", said=1)]
    two: list[Key] = [post("two.xml", "1", "http://c.example/x/"), comment("two.xml", "1", "1", said=2)]
    found = fates([*one, *two])
    assert [fate.thread.url for fate in found] == [PRETTY, PRETTY, "http://c.example/x/", "http://c.example/x/"]


def test_takedowns_by_address_and_id() -> None:
    keys: list[Key] = [post("e.xml", "12", PRETTY), comment("e.xml", "7", "12"), comment("e.xml", "8", "12", said=1)]
    other: list[Key] = [post("e.xml", "13", PRETTY + "x"), comment("e.xml", "9", "13")]
    assert fates(keys, other, takedown=("https://b.example/2008/05/title",))[:3] == ["redacted"] * 3
    assert fates(keys, other, takedown=(PRETTY + "#comment-7",))[1] == "redacted"
    placed = fates(keys, other)
    for place in placed:
        gone = [fate == "redacted" for fate in fates(keys, other, takedown=(place.id,))]
        assert gone == [p.id == place.id or p.thread.id == place.id for p in placed]


@pytest.mark.parametrize("part", ["respond", "comments", "more-12", "comment-form", "top", "disqus_thread"])
def test_a_part_of_a_page_that_is_no_comment_is_the_post(part: str) -> None:
    keys: list[Key] = [post("e.xml", "12", PRETTY), comment("e.xml", "7", "12")]
    assert fates(keys, takedown=(f"{PRETTY}#{part}",)) == ["redacted"] * 2


@pytest.mark.parametrize("part", ["comment-7", "li-comment-7", "c7", "7"])
def test_a_comment_is_called_by_any_of_its_anchors(part: str) -> None:
    keys: list[Key] = [post("e.xml", "12", PRETTY), comment("e.xml", "7", "12"), comment("e.xml", "8", "12", said=1)]
    assert [fate == "redacted" for fate in fates(keys, takedown=(f"{PRETTY}#{part}",))] == [False, True, False]


@pytest.mark.parametrize("part", ["comment-99", "comment-first", "comment-a.b", "c99"])
def test_a_comment_that_is_not_there_takes_no_post_down(part: str) -> None:
    keys: list[Key] = [post("e.xml", "12", PRETTY), comment("e.xml", "7", "12")]
    assert "redacted" not in fates(keys, takedown=(f"{PRETTY}#{part}",))


def test_a_number_alone_joins_no_two_permalinks() -> None:
    old, new = post("old.xml", "12", PRETTY), post("new.xml", "12", "http://b.example/2015/05/news/")
    assert all(isinstance(fate, Place) for fate in fates([old], [new]))


def test_a_comment_is_taken_down_in_every_copy() -> None:
    one: list[Key] = [post("e.xml", "12", PRETTY), comment("e.xml", "7", "12", said=1)]
    two: list[Key] = [comment("d.xml", "disqus-77", PRETTY, "disqus", said=1)]
    for sources in ((one, two), (two, one)):
        found = fates(*sources, takedown=(PRETTY + "#comment-7",))
        assert sorted(fate for fate in found if isinstance(fate, str)) == ["redacted"] * 2


def test_a_path_joins_no_comment_of_a_blog_that_has_posts_here() -> None:
    keys: list[Key] = [
        post("a.xml", "12", "http://a.example/2008/05/hello-world/"),
        post("b.xml", "1", "http://b.example/2008/05/another/"),
        comment("d.xml", "1", "http://b.example/2008/05/hello-world/", "disqus", said=1),
        comment("d.xml", "2", "http://c.example/?p=12", "disqus", said=2),
        comment("d.xml", "3", "http://c.example/2008/05/hello-world/", "disqus", said=3),
    ]
    found = fates(keys)[2:]
    assert found[:2] == ["orphan", "orphan"]
    assert found[2].thread.url == "http://a.example/2008/05/hello-world/"


# --- any archive ------------------------------------------------------------------------------------------------------

urls = st.sampled_from(
    ["", PRETTY, PRETTY + "x", "http://b.example/?p=1", "http://b.example/?p=2", "http://b.example/"]
)
numbers = st.sampled_from(["", "1", "2", "3", "007", "disqus-1"])
formats = st.sampled_from(["wordpress", "savedpage", "feed"])
files = st.sampled_from(["a", "b", "c"])
some_posts = st.builds(
    lambda file, number, url, source, title, day, id: post(file, number, url, source, title=title, published=day, id=id),
    files, numbers, urls, formats, st.sampled_from(["", "T", "U"]), st.sampled_from([None, NOON]),
    st.sampled_from(["", "", *map(digest, ("b.example/2008/05/title", "b.example?p=1", "wordpress\0" + "1", "feed\0a\0T"))]),
)  # fmt: skip
some_comments = st.builds(
    lambda file, number, of, source, said, parent: comment(file, number, of, source, said, parent=parent),
    files, numbers, st.one_of(urls, numbers), formats, st.integers(0, 3), numbers,
)  # fmt: skip
archives = st.lists(st.lists(st.one_of(some_posts, some_comments), max_size=8), min_size=1, max_size=3)


@given(archives)
def test_every_item_has_one_fate_and_no_two_documents_one_id(sources: list[list[Key]]) -> None:
    found = fates(*sources)
    placed = [fate for fate in found if isinstance(fate, Place)]
    assert len({place.id for place in placed}) == len(placed)
    everything = [key for keys in sources for key in keys]
    kept = [key for key, fate in zip(everything, found, strict=True) if isinstance(fate, Place)]
    assert all(fate in kept for fate in found if isinstance(fate, PostKey | CommentKey))
    posts = {place.id for place in placed if place.kind == "post"}
    assert {place.thread.id for place in placed} == posts


# What an index may hold: documents with ids of their own, comments under posts of it.
held_posts = st.lists(
    st.builds(
        lambda id, url, source, title, day: post("gone", id, url, source, title=title, published=day, id=id),
        st.sampled_from([digest(name) for name in ("b.example/2008/05/title", "b.example?p=1", "wordpress\0" + "1", "x")]),
        urls, formats, st.sampled_from(["", "T"]), st.sampled_from([None, NOON]),
    ), min_size=1, max_size=3, unique_by=lambda key: key.id,
)  # fmt: skip
held_comments = st.lists(
    st.builds(
        lambda name, number, of, source, said, parent: comment(
            "gone", number, str(of), source, said, parent=parent, id=digest(name)
        ),
        st.sampled_from([f"b.example/2008/05/title#comment-{n}" for n in (1, 2, 3)] + ["wordpress\0" + "1#comment-1", "y"]),
        numbers, st.integers(0, 2), formats, st.integers(0, 3), st.sampled_from(["", digest("y")]),
    ), max_size=4, unique_by=lambda key: key.id,
)  # fmt: skip


@given(archives, held_posts, held_comments, st.booleans())
def test_nothing_is_lost_of_a_source_that_was_not_read(
    sources: list[list[Key]], posts: list[PostKey], comments: list[CommentKey], unread: bool
) -> None:
    """What is held is placed, or a copy is; or, where its source was read, it is only joined. All else is as ever."""
    threads = [key.id for key in posts]
    held: list[Key] = [*posts, *(key._replace(post=threads[int(key.post) % len(threads)]) for key in comments)]
    batches = [*sources, held]
    join = Join(RANKS)
    for number, keys in enumerate(sources):
        join.add(number, keys)
    join.settle()
    join.add(len(sources), held, held=True)
    join.settle({len(sources)} if unread else ())
    placed = {(b, n): place for b in range(len(batches)) for n, place in enumerate(join.places(b)) if place}
    dropped = {(b, n): why for b in range(len(batches)) for n, why in join.dropped(b)}
    assert len({place.id for place in placed.values()}) == len(placed)
    assert {place.thread.id for place in placed.values()} == {p.id for p in placed.values() if p.kind == "post"}
    assert placed.keys().isdisjoint(dropped)
    assert len(placed) + len(dropped) == sum(map(len, batches))
    assert all(why in placed for why in dropped.values() if isinstance(why, Copy))
    of_held = [dropped.get((len(sources), n)) for n in range(len(held))]
    if unread:
        assert not any(isinstance(why, Dropped) for why in of_held)
    else:
        assert all(of_held)


@given(archives, st.data())
def test_what_is_held_of_what_was_read_again_changes_nothing(sources: list[list[Key]], data: st.DataObject) -> None:
    """Whatever sources end before their end, as long as everything that was ever there is read."""
    sources = [
        [key._replace(locator=f"{key.file}#{n}") if isinstance(key, PostKey) else key for n, key in enumerate(keys)]
        for keys in sources
    ]
    join = Join(RANKS)
    for number, keys in enumerate(sources):
        join.add(number, keys)
    join.settle()
    places = [join.places(number) for number in range(len(sources))]
    dropped = [list(join.dropped(number)) for number in range(len(sources))]
    order = data.draw(st.permutations(range(len(sources))))
    for number in order:
        keys = [_held(key, place) for key, place in zip(sources[number], places[number], strict=True) if place]
        join.add(number, keys, held=True)
    join.settle(data.draw(st.sets(st.sampled_from(range(len(sources))))))
    assert [join.places(number) for number in range(len(sources))] == places
    assert [list(join.dropped(number)) for number in range(len(sources))] == dropped
    assert not any(place for batch in range(len(sources), 2 * len(sources)) for place in join.places(batch))


def _held(key: Key, place: Place) -> Key:
    """What the join is told of a document of the index."""
    thread = place.thread
    if isinstance(key, CommentKey):
        return key._replace(id=place.id, post=thread.id, post_aliases=(), parent=place.parent)
    return key._replace(
        id=place.id,
        native_id=place.id,
        url=thread.url,
        shown_url=thread.url,
        aliases=thread.addresses,
        shown_aliases=thread.addresses,
        title=thread.title,
        shown_title=thread.title,
        author=thread.author,
        published=thread.published,
        categories=thread.categories,
        tags=thread.tags,
        modified=None,
        captured=None,
    )
