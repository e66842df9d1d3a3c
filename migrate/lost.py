"""What means nothing any more, because a framework gave it its meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrate.graph import Definitions, is_in
from migrate.reasons import HOOKS, explain, is_of_a_framework


@dataclass
class Lost:
    """The dotted names that have no meaning any more, and those of functions that refuse to run."""

    names: set[str]
    refusing: set[str] = field(default_factory=set)
    # Of functions that only made the application.
    factories: set[str] = field(default_factory=set)
    # Of handlers that are coroutines now.
    coroutines: set[str] = field(default_factory=set)
    # By the names of the old service that are lost: the framework's name behind it.
    causes: dict[str, str] = field(default_factory=dict)

    def has(self, name: str, *, at_import: bool = False) -> bool:
        """Tell whether a name is lost; at import, functions that refuse to run count too."""
        if is_of_a_framework(name) or is_in(name, self.names):
            return True
        return at_import and is_in(name, self.refusing)

    def explain(self, uses: list[str]) -> str:
        """Return why something that uses these names is lost."""
        name = max(uses, key=lambda each: (is_of_a_framework(each), each in HOOKS, len(each)))
        last = name.rpartition(".")[2]
        if last in HOOKS or is_of_a_framework(name):
            return explain(name)
        parts = name.split(".")
        names = [".".join(parts[:size]) for size in range(1, len(parts) + 1)]
        return explain(next((self.causes[each] for each in names if each in self.causes), ""))

    def name(self, uses: list[str]) -> str:
        """Return the name among some that tells most."""
        return shorten(max(uses, key=lambda each: (is_of_a_framework(each), len(each))), self.names)


def shorten(name: str, names: set[str]) -> str:
    """Return a dotted name up to what is lost of it."""
    parts = name.split(".")
    sizes = range(1, len(parts) + 1)
    return next((short for size in sizes if (short := ".".join(parts[:size])) in names), name)


def find_causes(definitions: Definitions, names: set[str]) -> dict[str, str]:
    """Return, for names of the old service that are lost, a framework's name that is behind it."""
    causes: dict[str, str] = {}
    while True:
        more = {name: _cause(definitions[name].uses, causes) for name in names - causes.keys()}
        more = {name: cause for name, cause in more.items() if cause}
        if not more:
            return causes
        causes |= more


def _cause(uses: set[str], causes: dict[str, str]) -> str:
    known = (each if is_of_a_framework(each) else _known(each, causes) for each in uses)
    return max(known, key=lambda each: (len(each), each), default="")


def _known(use: str, causes: dict[str, str]) -> str:
    return causes.get(shorten(use, {*causes}), "")
