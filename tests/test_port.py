"""The types of the port."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest

from indexer.engine.port import Document
from tests.corpus import IRAN


@pytest.mark.parametrize("name", [f.name for f in fields(Document)])
def test_a_fingerprint_changes_with_everything(name: str) -> None:
    old = getattr(IRAN, name)
    new: Any = "another" if isinstance(old, str) else datetime(1999, 1, 1) if name == "published" else ("another",)
    assert replace(IRAN, **{name: new}).fingerprint() != IRAN.fingerprint()
