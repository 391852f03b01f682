"""Our codec, writer and evaluator against stock Whoosh: the same documents, the same scores, for every kind of query."""

from __future__ import annotations

import pickle
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import index
from whoosh import query as whoosh

from indexer.engine import schema
from indexer.engine.analysis import Analyzer
from indexer.engine.port import Document
from indexer.engine.query import parse
from indexer.engine.whoosh.arrayfile import ArrayFile
from indexer.engine.whoosh.codec import ArrayCodec
from indexer.engine.whoosh.evaluation import Evaluator
from indexer.engine.whoosh.matching import SegmentMatcher
from indexer.engine.whoosh.multiterm import MultiTerm
from indexer.engine.whoosh.queries import InARow, Near, Stemmed, Unscored
from indexer.engine.whoosh.segments import open_segments
from indexer.engine.whoosh.translate import translate
from indexer.engine.whoosh.writer import WhooshWriter
from tests import corpus, stock
from tests.test_engine_properties import blogs, queries

ENGLISH = Analyzer("english")
MEMORY = 512_000_000

# Whoosh's own query types, and ours, in every nesting; the last three are answered by Whoosh's matchers.
leaves = st.sampled_from(
    [
        whoosh.Term("words", "iran"),
        whoosh.Term("words", "run"),
        whoosh.Term("words", "to"),
        whoosh.Term("title", "iraq"),
        whoosh.Term("own_row", "be"),
        whoosh.Term("words", "nowhere"),
        whoosh.Term("no_such_field", "iran"),
        whoosh.Every(),
        InARow("own_row", ("to", "be")),
        InARow("own_row", ("be", "be")),
        InARow("own_row", ("to", "be", "or", "to")),
        Unscored(whoosh.Prefix("own_row", "ir")),
        Unscored(whoosh.Prefix("own_row", "zz")),
        Unscored(Near("own_row", "iarn", 1)),
        Unscored(Near("own_row", "rung", 2)),
        Unscored(Stemmed("own_row", "running", ENGLISH)),
        Unscored(whoosh.Every("quoted_row")),
        Unscored(whoosh.Term("link", "a.example")),
        Unscored(whoosh.TermRange("day", "2007-09-01", "2008-05-04")),
        Unscored(whoosh.TermRange("day", None, "2008")),
        Unscored(whoosh.TermRange("day", "2008", None)),
        Unscored(whoosh.Term("kind", "comment")),
        whoosh.Term("words", "iran", boost=2.0),
        whoosh.Wildcard("own_row", "*ra*"),
        whoosh.Prefix("own_row", "ir"),
    ]
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(whoosh.And),
        st.lists(inner, min_size=1, max_size=3).map(whoosh.Or),
        st.tuples(inner, inner).map(lambda pair: whoosh.AndNot(*pair)),
    ),
    max_leaves=6,
)


def write(directory: Path, documents: Iterable[Document], gone: Sequence[str] = ()) -> None:
    """By our writer: what is there, without some, and some more."""
    with WhooshWriter(directory, ENGLISH, MEMORY) as writer:
        writer.delete(gone)
        for document in documents:
            writer.add(document)


def evaluate(directory: Path, query: whoosh.Query) -> list[tuple[int, float]]:
    """By our evaluator."""
    with closing(index.open_dir(str(directory))) as ix:
        toc = index.TOC.read(ix.storage, ix.indexname)
        searchers: list[Any] = []

        def stock_searcher() -> Any:
            searchers.append(ix.searcher(weighting=stock.WEIGHTING))
            return searchers[-1]

        segments = open_segments(ix.storage, toc.segments)
        evaluator = Evaluator(segments, k1=schema.BM25_K1, b=schema.BM25_B, whoosh_searcher=stock_searcher)
        found = evaluator.evaluate(query, time.perf_counter() + 60)
        for searcher in searchers:
            searcher.close()
        assert not found.partial
        return list(zip(found.docs.tolist(), found.scores.tolist(), strict=True))


def agree(mine: list[tuple[int, float]], theirs: list[tuple[int, float]]) -> None:
    """The same documents, and the same scores within one in ten thousand (so the same order up to ties)."""
    assert [doc for doc, _ in mine] == [doc for doc, _ in theirs]
    assert [score for _, score in mine] == pytest.approx([score for _, score in theirs], rel=1e-4, abs=1e-4)


History = tuple[list[list[Document]], list[str]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A blog as several segments, and the ids of documents that were deleted later."""
    blog = draw(blogs())
    cuts = sorted(draw(st.lists(st.integers(0, len(blog)), max_size=2)))
    pieces = [blog[a:b] for a, b in zip([0, *cuts], [*cuts, len(blog)], strict=True)]
    gone = draw(st.lists(st.sampled_from([document.id for document in blog]), max_size=3, unique=True))
    return [piece for piece in pieces if piece], gone


def answers_as_stock_whoosh(history: History, asked: list[whoosh.Query]) -> None:
    """Several segments and deletions, which Whoosh's writer makes."""
    segments, gone = history
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        for folder, codec in ((ours, ArrayCodec()), (theirs, None)):
            stock.write(Path(folder), segments, codec=codec)
            stock.delete(Path(folder), gone, codec=codec)
        for query in (tree.normalize() for tree in asked):
            expected = stock.answer(Path(theirs), query)
            agree(evaluate(Path(ours), query), expected)
            agree(stock.answer(Path(ours), query), expected)


def compacts_as_stock_whoosh(history: History, asked: list[whoosh.Query]) -> None:
    """Of an index that Whoosh wrote, and of ours, our writer makes what an index of the documents that are left is."""
    (first, *others), gone = history
    left = [document for documents in history[0] for document in documents if document.id not in gone]
    with directories(5) as (mixed, ours, based, anew, theirs):
        stock.write(mixed, history[0], codec=ArrayCodec())
        write(mixed, [], gone)
        write(ours, first)
        write(ours, chain(*others))
        with WhooshWriter(based, ENGLISH, MEMORY, ours) as writer:
            writer.delete(gone)
        write(anew, left)
        stock.write(theirs, [left], codec=ArrayCodec())
        assert arrays(based) == arrays(anew)
        assert postings(mixed) == postings(based) == postings(theirs)
        for query in (tree.normalize() for tree in asked):
            expected = stock.answer(theirs, query)
            agree(evaluate(mixed, query), expected)
            agree(evaluate(based, query), expected)


def writes_as_whoosh(history: History, memory: int, data: st.DataObject) -> None:
    """In one run or, with no memory at all, a run for every batch; prepared in two places, some documents dropped."""
    segments, dropped = history
    everything = [document for documents in segments for document in documents]
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        with WhooshWriter(Path(ours), ENGLISH, memory) as writer:
            preparers = [writer.preparer(), writer.preparer()]
            for start in range(0, len(everything), 3):
                batch = data.draw(st.sampled_from(preparers))(everything[start : start + 3])
                batch = pickle.loads(pickle.dumps(batch))
                writer.add_prepared(batch, {place for place, id in enumerate(batch.ids) if id in dropped})
        stock.write(
            Path(theirs), [[document for document in everything if document.id not in dropped]], codec=ArrayCodec()
        )
        assert postings(Path(ours)) == postings(Path(theirs))


any_queries = st.lists(trees | queries.map(lambda text: translate(parse(text).root, ENGLISH)), max_size=6)
memories = st.sampled_from([1, MEMORY])


@settings(max_examples=120, deadline=None)
@given(history=histories(), asked=any_queries)
def test_every_kind_of_query_answers_as_stock_whoosh_does(history: History, asked: list[whoosh.Query]) -> None:
    answers_as_stock_whoosh(history, asked)


@settings(max_examples=60, deadline=None)
@given(history=histories(), asked=any_queries)
def test_what_is_left_answers_as_an_index_of_it_alone(history: History, asked: list[whoosh.Query]) -> None:
    compacts_as_stock_whoosh(history, asked)


@settings(max_examples=60, deadline=None)
@given(history=histories(), memory=memories, data=st.data())
def test_our_writer_and_whooshs_write_the_same_postings(history: History, memory: int, data: st.DataObject) -> None:
    writes_as_whoosh(history, memory, data)


@settings(max_examples=40, deadline=None)
@given(history=histories(), asked=st.lists(queries, min_size=1, max_size=4))
def test_whoosh_merges_our_segments(history: History, asked: list[str]) -> None:
    """Its writer adds a segment to ours, deletes in both, and makes one of them."""
    segments, gone = history
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        write(Path(ours), segments[0])
        stock.add(Path(ours), segments[1:], codec=ArrayCodec())
        stock.write(Path(theirs), segments)
        stock.delete(Path(ours), gone, codec=ArrayCodec())
        stock.delete(Path(theirs), gone)
        for folder in (ours, theirs):
            with closing(index.open_dir(folder)) as ix:
                ix.writer(codec=ArrayCodec() if folder == ours else None, compound=False).commit(optimize=True)
        for text in asked:
            query = translate(parse(text).root, ENGLISH)
            agree(evaluate(Path(ours), query), stock.answer(Path(theirs), query))


SMALLEST = {
    "indexer.engine.whoosh.matching._MUCH_LONGER": 0,  # lists are searched, ORs are sorted
    "indexer.engine.whoosh.phrases._MOST_BITS": 1,  # all hashes collide
    "indexer.engine.whoosh.merging._STRETCH": 1,  # a term at a time
    "indexer.engine.whoosh.preparing._REMEMBERED": 5,  # vocabularies begin anew with every batch
    "indexer.engine.whoosh.inversion._STRETCHES": 9,
    "indexer.engine.whoosh.stored._BLOCK": 1,  # a block per document
    "indexer.engine.whoosh.stored._KEPT": 1,
    "indexer.engine.whoosh.stored._COPIED": 1,
    "indexer.engine.whoosh.stored._SMALL": 10**9,  # every block is packed anew
    "indexer.engine.whoosh.order._FEW": 0,
    "indexer.engine.whoosh.order._BLOCK": 2,
}


# Those of reading; the others are of writing.
SEARCHING = (
    "indexer.engine.whoosh.matching",
    "indexer.engine.whoosh.phrases",
    "indexer.engine.whoosh.order",
    "indexer.engine.whoosh.stored._KEPT",
)


@pytest.mark.parametrize("constant", SMALLEST)
def test_what_sizes_decide_changes_no_answer(constant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constant, SMALLEST[constant])
    few = settings(max_examples=12, deadline=None)
    if constant.startswith(SEARCHING):
        few(given(history=histories(), asked=any_queries)(answers_as_stock_whoosh))()
        return
    few(given(history=histories(), asked=any_queries)(compacts_as_stock_whoosh))()
    few(given(history=histories(), memory=memories, data=st.data())(writes_as_whoosh))()


@given(text=queries)
def test_no_query_of_ours_needs_whooshs_matchers(text: str) -> None:
    """They are slower by a hundred times."""
    known = {*SegmentMatcher._KNOWN, *MultiTerm.KNOWN, type(whoosh.NullQuery)}
    assert {type(node) for node in nodes(translate(parse(text).root, ENGLISH))} <= known


def nodes(query: whoosh.Query) -> Iterator[whoosh.Query]:
    yield query
    if not isinstance(query, InARow):
        for child in query.children():
            yield from nodes(child)


def postings(directory: Path) -> dict[str, list[Any]]:
    """All postings of an index as Whoosh's reader gives them."""
    found: dict[str, list[Any]] = {}
    with closing(index.open_dir(str(directory))) as ix, ix.reader() as reader:
        for name, term in reader.all_terms():
            matcher = reader.postings(name, term)
            while matcher.is_active():
                found.setdefault(name, []).append((term, matcher.id(), matcher.weight(), matcher.value()))
                matcher.next()
        lengths = [
            [reader.doc_field_length(n, name) for n in range(reader.doc_count_all())] + [reader.field_length(name)]
            for name in ("words", "title")
        ]
        stored = [reader.stored_fields(n) for n in range(reader.doc_count_all())]
    return {**found, "lengths": lengths, "stored": stored}


@contextmanager
def directories(count: int) -> Iterator[list[Path]]:
    """So many empty directories."""
    with ExitStack() as stack:
        yield [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(count)]


def arrays(directory: Path) -> dict[str, Any]:
    """All arrays of an index of one segment but for the stored fields, which may be packed in several ways."""
    files = [
        ArrayFile(path) for path in sorted(directory.iterdir()) if path.suffix in (".postings", ".docs", ".arrays")
    ]
    found = {f"{n}.{name}": file[name].tolist() for n, file in enumerate(files) for name in file.names}
    return {name: numbers for name, numbers in found.items() if ".stored." not in name}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An index of two segments with a deletion: one of ours, one that Whoosh added."""
    write(tmp_path, corpus.CORPUS[:4])
    stock.add(tmp_path, [corpus.CORPUS[4:]], codec=ArrayCodec())
    stock.delete(tmp_path, [corpus.SHORT.id], codec=ArrayCodec())
    return tmp_path


def test_an_ordinary_whoosh_program_reads_the_index(small: Path) -> None:
    with closing(index.open_dir(str(small))) as ix, ix.searcher(weighting=stock.WEIGHTING) as searcher:
        assert (ix.doc_count(), ix.doc_count_all()) == (6, 7)
        results = searcher.search(whoosh.Term("words", "iran"), limit=2)
        assert [hit["record"]["id"] for hit in results] == ["p1", "c1"]
        assert results[0].score > results[1].score
        reader = searcher.reader()
        assert list(reader.expand_prefix("own_row", "bak")) == [b"bake", b"bakers"]
        assert list(reader.terms_within("own_row", "rnus", 2)) == ["runs"]
        assert reader.doc_frequency("words", "nowhere") == 0
        assert reader.first_id("id", "c1") == 1
        assert {term.decode() for term in reader.lexicon("kind")} == {"comment", "page", "pingback", "post"}


def test_whooshs_lock_keeps_a_second_writer_out(small: Path) -> None:
    with WhooshWriter(small, ENGLISH, MEMORY), closing(index.open_dir(str(small))) as ix:
        with pytest.raises(index.LockError):
            ix.writer()
        with pytest.raises(index.LockError), WhooshWriter(small, ENGLISH, MEMORY):
            pass
    stock.delete(small, [], codec=ArrayCodec())  # it was let go


def test_a_writer_that_fails_leaves_the_index_as_it_was(small: Path) -> None:
    before = postings(small)
    with suppress(RuntimeError), WhooshWriter(small, ENGLISH, MEMORY) as writer:
        writer.add(corpus.IRAN)
        raise RuntimeError
    assert postings(small) == before


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[str]]:
    """Some thousand documents, ours merged from many runs; and their words, commonest first."""
    rng = np.random.default_rng(3)
    words = [f"{a}{b}{n}" for n in range(9) for a in ("ka", "lo", "mi", "ne", "pu") for b in ("ra", "si", "tow", "x")]
    texts = [
        " ".join(words[min(n, len(words) - 1)] for n in rng.zipf(1.3, rng.integers(0, 60)) - 1) for _ in range(3000)
    ]
    documents = [
        Document(id=f"d{n:04}", thread=f"d{n:04}", kind="post", title=text[:20], text=text, author="aj" * (n % 3))
        for n, text in enumerate(texts)
    ]
    ours, theirs = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    with WhooshWriter(ours, ENGLISH, 0) as writer:
        preparer = writer.preparer()
        for start in range(0, len(documents), 400):
            writer.add_prepared(preparer(documents[start : start + 400]))
    stock.write(theirs, [documents])
    return ours, theirs, words


# Places of words in the order of their frequency: how common they are together decides how lists are joined.
PATTERNS = """{0}|{150}|{0} {1}|{0} {150}|{150} {0} {3}|{0} OR {150}|{170} OR {171}|{0} -{1}|{0} -{160}|"{0} {1}"|"{0} {0}"
    |"{1} {0} {2}"|"{0} {150}"|"{0}"|ka*|lo*|{0}~|title:{2}|author:aj
    |({0} OR {5}) {1} -{2}|{3} OR "{0} {1}" OR {4}|-{0}|mi* -{0}"""


@pytest.mark.parametrize("text", PATTERNS.split("|"))
def test_common_and_rare_words_answer_as_stock_whoosh_does(larger: tuple[Path, Path, list[str]], text: str) -> None:
    ours, theirs, words = larger
    query = translate(parse(text.format(*words)).root, ENGLISH)
    expected = stock.answer(theirs, query)
    assert expected
    agree(evaluate(ours, query), expected)
