"""A tiny literal corpus, and the way to index it: two threads of 2008, one of 2009, an undated page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from indexer import engine
from indexer.engine.generations import Generation, Generations
from indexer.engine.port import Document

IRAN = Document(
    id="p1",
    thread="p1",
    kind="post",
    permalink="http://blog.example.com/2008/05/04/last-efforts/",
    title="Last efforts between US and Iran",
    author="AJ",
    published=datetime(2008, 5, 4, 11, 40),
    categories=("Iran", "Sadr/Mahdi Army"),
    tags=("quds",),
    text="The Quds Force answers to nobody.\nTo be or not to be, that is al-Sadr's question.",
    quoted="The delegation received a frosty reception from Soleimani.",
    html="<p>The <b>Quds Force</b> answers to nobody.</p><p>To be or not to be, that is al-Sadr’s question.</p>"
    "<blockquote><p>The delegation received a frosty reception from Soleimani.</p></blockquote>"
    '<p><img src="http://blog.example.com/emblem.png" alt="Emblem of the force"></p>',
)
DANKING = Document(
    id="c1",
    thread="p1",
    kind="comment",
    permalink="http://blog.example.com/2008/05/04/last-efforts/#comment-1",
    author="danking_70",
    author_url="http://danking.example.net/",
    published=datetime(2008, 5, 4, 13, 5),
    categories=IRAN.categories,
    tags=IRAN.tags,
    text="Hard to believe, unless Iran totally miscalculates.",
    html="<p>Hard to believe, unless Iran totally miscalculates.</p>",
)
REPLY = Document(
    id="c2",
    thread="p1",
    kind="comment",
    parent="c1",
    author="AJ",
    published=datetime(2008, 6, 1, 8, 0),
    categories=IRAN.categories,
    tags=IRAN.tags,
    text="They were running C++ code at the R&D office.",
    html="<p>They were running C++ code at the R&amp;D office.</p>",
)
PING = Document(
    id="k1",
    thread="p1",
    kind="pingback",
    author="Another blog",
    author_url="http://other.example.org/",
    published=datetime(2008, 5, 5, 9, 0),
    text="[...] zpingback miscalculates [...]",
    html="<p>[...] zpingback miscalculates [...]</p>",
)
BREAD = Document(
    id="p2",
    thread="p2",
    kind="post",
    title="A loaf for the café",
    author="Marta",
    published=datetime(2008, 12, 31, 22, 40),
    categories=("Bread",),
    tags=("oven", "rye"),
    text="He runs the oven. In the U.S. they send an e-mail first; be that as it may, to be is to bake.",
    html="<p>He runs the oven. In the U.S. they send an e-mail first; be that as it may, to be is to bake.</p>",
)
SHORT = Document(
    id="p3",
    thread="p3",
    kind="post",
    title="Bread again",
    author="AJ",
    published=datetime(2009, 1, 2, 7, 0),
    categories=("Bread", "Iran"),
    text="Naïve bakers, Iranian bread.",
    html="<p>Naïve bakers, Iranian bread.</p>",
)
ABOUT = Document(
    id="g1", thread="g1", kind="page", title="About", text="This page has no date.", html="<p>No date.</p>"
)

CORPUS = (IRAN, DANKING, REPLY, PING, BREAD, SHORT, ABOUT)


def build(root: Path, documents: Iterable[Document] = CORPUS, language: str = "english") -> Generation:
    """Index ``documents`` in ``root`` as a new generation, and switch to it."""
    documents = list(documents)
    generations = Generations(root)
    kinds = [document.kind for document in documents]
    counts = {f"{kind}s": kinds.count(kind) for kind in ("post", "page", "comment", "pingback")}
    with generations.building() as path:
        with engine.open_writer(path, language) as writer:
            for document in documents:
                writer.add(document)
        blog = {"name": "Literal blog", "description": "Four posts", "url": "http://blog.example.com/"}
        manifest = engine.new_manifest(language=language, blog=blog, counts=counts, report={})
        return generations.switch(path, manifest)


def renamed(document: Document, id: str, **changes: object) -> Document:
    """A copy of ``document`` under another id, its own thread unless ``changes`` say otherwise."""
    return replace(document, **{"id": id, "thread": id, **changes})  # type: ignore[arg-type]
