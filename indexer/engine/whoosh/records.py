"""A document as its segment stores it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from indexer.engine.port import Document

FIELD = "record"
_FIELDS = tuple(Document.__dataclass_fields__)
_TUPLES = ("categories", "tags", "domains", "addresses")


def stored_fields(document: Document) -> dict[str, Any]:
    """The stored fields: one, the document's fields that are not at their defaults, as JSON has them."""
    values = {name: value for name in _FIELDS if (value := getattr(document, name))}
    for name in _TUPLES:
        if name in values:
            values[name] = list(values[name])
    if document.published:
        values["published"] = document.published.isoformat()
    return {FIELD: values}


def document(stored: Mapping[str, Any]) -> Document:
    """The document of `stored_fields`."""
    values = dict(stored[FIELD])
    for name in _TUPLES:
        if name in values:
            values[name] = tuple(values[name])
    if "published" in values:
        values["published"] = datetime.fromisoformat(values["published"])
    return Document(**values)
