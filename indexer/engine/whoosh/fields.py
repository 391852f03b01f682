"""The field table of `indexer.engine.schema` as a Whoosh schema.

Documents come to Whoosh analysed: our own writer (`indexer.engine.whoosh.writer`) brings whole arrays of postings, and who
uses Whoosh's gives each text field its postings, ``(term, frequency, weight, encoded value)``, as the field's value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whoosh import fields, formats
from whoosh.analysis import IDAnalyzer

from indexer.engine import schema
from indexer.engine.whoosh import records


class _Analysed(fields.FieldType):
    """A field whose value is its postings."""

    def index(self, value: Any, **kwargs: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        yield from value


class Stems(_Analysed):
    """Weighted terms without positions; scored."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), IDAnalyzer(), scorable=True)


class Row(_Analysed):
    """Terms with positions; not scored."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), IDAnalyzer(), scorable=False)


class Keys(_Analysed):
    """Whole values, each of which is a term; not scored."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), IDAnalyzer(), scorable=False)


def whoosh_schema() -> fields.Schema:
    """The schema of every index that this version writes."""
    rows = {name: Row() for names in schema.ROWS.values() for name in names}
    return fields.Schema(
        id=fields.ID(unique=True),
        kind=fields.ID(),
        day=fields.ID(),
        link=Keys(),
        address=Keys(),
        words=Stems(),
        title=Stems(),
        **{records.FIELD: fields.STORED()},
        **rows,
    )
