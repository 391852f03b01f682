"""The query language: any string to a tree, and back. Knows no engine and never raises.

    iran "quds force" surge OR offensive -basra milit* petreus~ title:sadr author:danking_70 category:iraq in:comments date:2008

All words must match. Juxtaposition binds loosest, then ``OR``, then an explicit ``AND``: ``a b OR c`` asks for a and one of
b, c, while ``a AND b OR c AND d`` reads as in logic. ``before:`` and ``after:`` divide time: ``after:2008`` starts with the
first day of 2008, ``before:2008`` ends with the last day of 2007. ``in:own`` makes the words of the group where it stands, as
far as they have no field, words of the author (``own:``), ``in:quotes`` of others (``quotes:``); where there are none, it
asks for documents that have such words. What cannot be parsed is searched as literal words.

tree.py     what a query is made of
parser.py   text -> tree; periods.py  the dates in it
text.py     tree -> text: the query as it was understood
"""

from indexer.engine.query.parser import MAX_CHARACTERS, MAX_DEPTH, MAX_TERMS, parse
from indexer.engine.query.periods import parse_period
from indexer.engine.query.tree import (
    And,
    Dated,
    Everything,
    Fuzzy,
    Has,
    In,
    Leaf,
    Linked,
    Node,
    Not,
    Nothing,
    Or,
    Prefix,
    Query,
    TextField,
    Words,
    default_edits,
    has_bare_words,
    positive,
    wanted,
)

__all__ = [
    "MAX_CHARACTERS",
    "MAX_DEPTH",
    "MAX_TERMS",
    "And",
    "Dated",
    "Everything",
    "Fuzzy",
    "Has",
    "In",
    "Leaf",
    "Linked",
    "Node",
    "Not",
    "Nothing",
    "Or",
    "Prefix",
    "Query",
    "TextField",
    "Words",
    "default_edits",
    "has_bare_words",
    "parse",
    "parse_period",
    "positive",
    "wanted",
]
