"""What damaged files raise when they are read, told as the error that says what to do."""

from __future__ import annotations

import logging
import pickle
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from indexer.engine.whoosh.arrayfile import DamagedArrayFileError
from indexer.errors import CorruptIndexError

_LOG = logging.getLogger(__name__)
# What reading raises where the bytes of a file that has the right form are not the ones that were written.
_DAMAGE = (
    DamagedArrayFileError,
    *(LookupError, ValueError, TypeError, ArithmeticError, EOFError, StopIteration),
    *(zlib.error, struct.error, pickle.UnpicklingError),
)


@contextmanager
def reading() -> Iterator[None]:
    """A block, or as a decorator a function, in which what damage raises becomes a `CorruptIndexError`; the log has it all."""
    try:
        yield
    except _DAMAGE as error:
        _LOG.exception("Reading the index failed")
        raise CorruptIndexError(
            f"The index cannot be read ({error}).",
            "Find the damaged file: backfile check. Rebuild: backfile index SOURCE...",
        ) from error
