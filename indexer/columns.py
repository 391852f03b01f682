"""The comments of a whole archive in arrays: a number per fact, 65 bytes per comment."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field


class Numbers:
    """Native ids as integers: decimal ones as they are, others by their place in a table, negative; "" is `NONE`."""

    NONE = -1

    def __init__(self) -> None:
        self._names: list[str] = [""]
        self._codes: dict[str, int] = {"": self.NONE}

    def encode(self, name: str) -> int:
        if name.isascii() and name.isdecimal() and len(name) < 19 and (name[0] != "0" or name == "0"):
            return int(name)
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = -1 - len(self._names)
            self._names.append(name)
        return code

    def decode(self, code: int) -> str:
        return str(code) if code >= 0 else self._names[-1 - code]


def _column(code: str) -> array[int]:
    found: array[int] = field(default_factory=lambda: array(code))
    return found


@dataclass(slots=True)
class Comments:
    """The comments so far, a column per fact; the last two are filled by the join."""

    reference: array[int] = _column("i")
    number: array[int] = _column("q")
    parent: array[int] = _column("q")
    said: array[int] = _column("Q")
    pingback: array[int] = _column("b")
    item: array[int] = _column("q")
    id: array[int] = _column("Q")
    fate: array[int] = _column("q")  # the item whose copy it is, or a code of the join
