"""Which side each operation is on, and how its path is matched: what every proxy is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from routes.contracts import Operation

SPECIAL = frozenset(r".^$*+?()[]{}|")
# They end the texts of nginx or of Traefik, or are taken away there.
QUOTING = frozenset('"`\\')


class Row(NamedTuple):
    """Requests of these methods for a path are for ``side``, old or new.

    So are those of browsers that ask whether they may make them (CORS).
    """

    methods: tuple[str, ...]
    path: str
    side: str


def make_table(old: set[Operation], new: set[Operation]) -> list[Row]:
    """Return the rows in the order in which they match; what no row has is for the old side."""
    sides = dict.fromkeys(_with_head(old), "old") | dict.fromkeys(_with_head(new), "new")
    rows = []
    for method, path in sorted(sides, key=lambda operation: operation.order):
        side = sides[Operation(method, path)]
        # One row has both, unless the contracts say otherwise.
        other = {"GET": "HEAD", "HEAD": "GET"}.get(method, "")
        if sides.get(Operation(other, path)) != side:
            rows.append(Row((method,), path, side))
        elif method == "GET":
            rows.append(Row(("GET", "HEAD"), path, side))
    return rows


def _with_head(operations: set[Operation]) -> set[Operation]:
    """Add HEAD to each GET: who serves one serves the other (RFC 9110, section 9.3.2)."""
    return operations | {Operation("HEAD", path) for method, path in operations if method == "GET"}


def make_pattern(path: str, write: Callable[[str], str]) -> str:
    """Return a regular expression for a path, whose characters a function writes."""
    texts = (unquote(text) for text in path.split("{}"))
    return f"{'[^/]+'.join(''.join(map(write, text)) for text in texts)}$"


def escape(character: str) -> str:
    """Return a character as a regular expression has it, in quotes of any kind."""
    if character in QUOTING or character < " ":
        return f"\\x{ord(character):02X}"
    return f"\\{character}" if character in SPECIAL else character
