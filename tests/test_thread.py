"""How comments nest in the reading view."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.port import Document, SearchRequest, Thread
from indexer.settings import Settings
from webapp.thread import MAX_DEPTH, CommentView, nesting, reading_page


def comments(*pairs: str) -> list[Document]:
    """``a>b``: a comment ``b`` that answers ``a``; ``b``: one that answers nobody."""
    split = [pair.rpartition(">") for pair in pairs]
    return [Document(id=id, thread="p", kind="comment", parent=parent, author=id.upper()) for parent, _, id in split]


def outline(*pairs: str) -> str:
    """The nesting as one line: id, depth and the comment answered."""
    rows = nesting(comments(*pairs))
    return " ".join(f"{item.id}{depth}{answered.id if answered else ''}" for item, depth, answered in rows)


def test_replies_follow_what_they_answer() -> None:
    assert outline("a", "b", "a>c", "c>d", "a>e", "b>f") == "a0 c1a d2c e1a b0 f1b"


def test_a_reply_to_nothing_known_stands_at_the_top() -> None:
    assert outline("gone>a", "a>b") == "a0 b1a"


def test_a_reply_may_come_before_what_it_answers() -> None:
    assert outline("b>a", "b") == "b0 a1b"


def test_circles_lose_no_comment() -> None:
    assert outline("a>a", "c>b", "b>c", "c>d") == "a0 b0 c1b d2c"


@given(st.lists(st.integers(-1, 30), max_size=30))
def test_every_comment_appears_once_under_what_it_answers(parents: list[int]) -> None:
    given = [
        Document(id=str(n), thread="p", kind="comment", parent=str(parent) if parent >= 0 else "")
        for n, parent in enumerate(parents)
    ]
    rows = list(nesting(given))
    assert sorted(item.id for item, _, _ in rows) == sorted(item.id for item in given)
    depths = {item.id: depth for item, depth, _ in rows}
    assert all(depth == depths[answered.id] + 1 for _, depth, answered in rows if answered)


def shape(views: tuple[CommentView, ...] | list[CommentView]) -> list[object]:
    """Ids with their replies nested."""
    return [(view.id, shape(view.replies)) if view.replies else view.id for view in views]


def test_deep_replies_stand_under_the_last_level_and_name_whom_they_answer() -> None:
    chain = ["0", *(f"{n}>{n + 1}" for n in range(9_999))]
    post = Document(id="p", thread="p", kind="post")
    page = reading_page(Thread(post, tuple(comments(*chain))), SearchRequest(), Settings(), None)
    assert page.comments_title == "10,000 comments"
    nested = page.comments
    for level in range(MAX_DEPTH - 2):
        assert [view.id for view in nested] == [str(level)]
        nested = tuple(nested[0].replies)
    parent, last = nested[0], nested[0].replies
    assert (parent.id, len(last), [view.replies for view in last if view.replies]) == ("4", 9_995, [])
    assert [view.answers.text if view.answers else "" for view in last[:3]] == ["", "5", "6"]
    assert [view.answers.url if view.answers else "" for view in last[:2]] == ["", "#comment-5"]
