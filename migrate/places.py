"""Where the modules of the old service go: handlers into ``app.api``, all else into ``app.old``."""

from __future__ import annotations

import re
from pathlib import Path

from migrate.operations import Operation
from migrate.source import Source

HANDLERS, OTHERS = "app.api", "app.old"
# Of operations whose function was not found.
UNMOVED = "unmoved"
FOLDER = re.compile(r"(?:.*/)?tests?/")


def place_modules(source: Source, operations: list[Operation]) -> dict[str, str]:
    """Map the modules of the old service to those of the new one."""
    holders = sorted({each.module for each in operations if each.module})
    alone = len(holders) == 1 and all(each.module for each in operations)
    last = [name.rpartition(".")[2] for name in holders]
    short = (
        last
        if len({*last, UNMOVED}) == len(last) + 1
        else [name.replace(".", "_") for name in holders]
    )
    places = {
        name: HANDLERS if alone else f"{HANDLERS}.{part}"
        for name, part in zip(holders, short, strict=True)
    }
    for name in source.modules:
        # A package that is called app itself would stand in two of that name.
        rest = name.removeprefix("app").removeprefix(".") if f"{name}.".startswith("app.") else name
        places.setdefault(name, f"{OTHERS}.{rest}".rstrip("."))
    return places | _place_tests(source)


def _place_tests(source: Source) -> dict[str, str]:
    """Map the modules of tests to those below ``tests``."""
    found: dict[str, str] = {}
    for each in source.tests:
        path = FOLDER.sub("", each.path) if FOLDER.match(each.path) else Path(each.path).name
        new = "tests." + path.removesuffix(".py").replace("/", ".")
        if path == "__init__.py":
            continue
        if new in found.values() or path.startswith("standard/"):
            new = "tests." + each.path.removesuffix(".py").replace("/", "_")
        found[each.name] = new
    return found
