"""The query language."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.port import Notice
from indexer.engine.query import (
    MAX_CHARACTERS,
    MAX_TERMS,
    And,
    Dated,
    Everything,
    Has,
    In,
    Linked,
    Node,
    Not,
    Nothing,
    Or,
    Prefix,
    Words,
    parse,
    parse_period,
    positive,
)


def w(*words: str, exact: bool = False) -> Words:
    return Words(words, exact=exact)


def own(word: str) -> Words:
    return Words((word,), "own")


def quotes(word: str) -> Words:
    return Words((word,), "quotes")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Everything()),
        (" \t", Everything()),
        ("iran", w("iran")),
        ("quds force", And((w("quds"), w("force")))),
        ('"Quds Force"', w("quds", "force", exact=True)),
        ("“quds force”", w("quds", "force", exact=True)),
        ('"to be or not to be"', w("to", "be", "or", "not", "to", "be", exact=True)),
        ("al-Sadr C++", And((w("al", "sadr"), w("c++")))),
        ("a b OR c", And((w("a"), Or((w("b"), w("c")))))),
        ("a AND b OR c AND d", Or((And((w("a"), w("b"))), And((w("c"), w("d")))))),
        ("(a b) OR c", Or((And((w("a"), w("b"))), w("c")))),
        ("a -b", And((w("a"), Not(w("b"))))),
        ('a -"b c"', And((w("a"), Not(w("b", "c", exact=True))))),
        ("-(a OR b)", Not(Or((w("a"), w("b"))))),
        ("NOT NOT x", w("x")),
        ("NOT x", Not(w("x"))),
        ("or and not", And((w("or"), w("and"), w("not")))),
        ("OR", w("or")),
        ("x OR", w("x")),
        ("milit*", Prefix("milit")),
        ("m* *a* *", And((w("m"), w("a")))),
        ("title:Sadr", Words(("sadr",), "title")),
        ('category:"Sadr/Mahdi Army"', Words(("sadr", "mahdi", "army"), "category", exact=True)),
        ("author:dan* TAG:rye", And((Prefix("dan", "author"), Words(("rye",), "tag")))),
        ("in:comments in:post", And((In("comments"), In("posts")))),
        ("date:2008", Dated(date(2008, 1, 1), date(2008, 12, 31))),
        ("date:2008-02", Dated(date(2008, 2, 1), date(2008, 2, 29))),
        ("date:2008-05-01..2008-06-15", Dated(date(2008, 5, 1), date(2008, 6, 15))),
        ("date:..2008", Dated(None, date(2008, 12, 31))),
        ("before:2008 after:2008-05", And((Dated(None, date(2007, 12, 31)), Dated(date(2008, 5, 1), None)))),
        ("date:[x TO", And((w("date", "x"), w("to")))),
        ("date:2008-13", w("date", "2008", "13")),
        ("in:nowhere", w("in", "nowhere")),
        ("http://a.example", w("http", "a", "example")),
        ("title:", w("title")),
        ('"', Nothing()),
        ('"unclosed phrase', And((w("unclosed"), w("phrase")))),
        (")a(", w("a")),
        ("(" * 500 + "x" + ")" * 400, w("x")),
        ("((((x))))", w("x")),
        ("\0", Nothing()),
    ],
)
def test_parse(text: str, tree: Node) -> None:
    assert parse(text).root == tree


def test_a_long_query_is_cut_and_says_so() -> None:
    query = parse("word " * 2000)
    assert query.root == And((w("word"),) * MAX_TERMS)
    assert query.notices == (Notice("characters", number=MAX_CHARACTERS), Notice("words", number=MAX_TERMS))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-", "There is no word to search for in this query."),
        ("x " * 501, "Only the first 1,000 characters of the query were read."),
        ("x " * 65, "Only the first 64 words of the query were searched."),
        ("a*", "a* was searched without its *, which wants one word of two letters or more."),
        ("before:noon", "before:noon was searched as words: a date is 2008, 2008-05 or 2008-05-04."),
        ("date:" + "9" * 50, f"date:{'9' * 35} was searched as words: a date is 2008, 2008-05 or 2008-05-04."),
        ("link:..", "link:.. was searched as words: a site is example.com."),
        ("in:all", "in:all was searched as words: there are in:posts, in:comments, in:own and in:quotes."),
    ],
)
def test_what_is_not_honoured_is_said(text: str, said: str) -> None:
    assert str(parse(text).notices[0]) == said


def test_positive_leaves_leave_out_what_is_negated() -> None:
    assert list(positive(parse("a -b (c OR dd*) NOT (e f) in:posts").root)) == [w("a"), w("c"), Prefix("dd")]


_PIECES = [
    '"',
    "(",
    ")",
    "-",
    "NOT",
    "OR",
    "AND",
    "*",
    "a",
    "to be",
    "title:",
    "date:",
    "2008-05",
    "..",
    "[x TO",
    "in:",
    "C++",
    "\0",
    " ",
]


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(_PIECES), max_size=80).map("".join)))
def test_any_string_is_a_query(text: str) -> None:
    leaves = list(positive(parse(text).root))
    assert sum(len(leaf.words) if isinstance(leaf, Words) else 1 for leaf in leaves) <= MAX_TERMS


@given(st.dates())
def test_a_day_is_a_period_of_one_day(day: date) -> None:
    assert parse_period(day.isoformat()) == (day, day)


@given(st.dates())
def test_before_and_after_divide_time(day: date) -> None:
    before, after = (parse(f"{name}:{day.isoformat()[:7]}").root for name in ("before", "after"))
    assert isinstance(before, Dated)
    assert isinstance(after, Dated)
    assert before.until is not None
    assert after.since is not None
    assert (after.since - before.until).days in (0, 1)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("iran in:own", own("iran")),
        ("in:quotes", Has("quotes")),
        ("-in:own", Not(Has("own"))),
        ("in:quote (a OR b) -c", And((Or((quotes("a"), quotes("b"))), Not(quotes("c"))))),
        ("(a in:own) b", And((own("a"), w("b")))),
        ("a AND in:own b", And((own("a"), own("b")))),
        ("a AND in:own OR b", Or((own("a"), w("b")))),
        ("a OR in:own", Or((w("a"), Has("own")))),
        ("title:a -b in:own", And((Words(("a",), "title"), Not(own("b")), Has("own")))),
        ("a in:own in:own in:quotes", And((own("a"), Has("quotes")))),
        ("a (in:own)", And((w("a"), Has("own")))),
        ("own:a quotes:bb*", And((own("a"), Prefix("bb", "quotes")))),
        ("link:Example.com", Linked("example.com")),
        ("link:https://www.example.com:80/x?y", Linked("example.com")),
        ("link://me@a.b.example./", Linked("a.b.example")),
        ("link:bücher.example", Linked("xn--bcher-kva.example")),
        ("link:", w("link")),
        ("link:///", w("link")),
    ],
)
def test_parts_and_links(text: str, tree: Node) -> None:
    assert parse(text).root == tree
