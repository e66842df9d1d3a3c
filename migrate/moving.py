"""The modules of the old service, carried over."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrate.annotating import annotate
from migrate.answers import rewrite_answers
from migrate.failures import Failures
from migrate.graph import BLOCKING, FUNCTION, IMPORT, Definitions, is_in, reach, read_definitions
from migrate.handlers import rewrite_handlers
from migrate.meanings import Meanings
from migrate.operations import Operation
from migrate.places import HANDLERS
from migrate.readings import Handler
from migrate.reasons import is_of_a_framework
from migrate.request_uses import rewrite_requests
from migrate.source import Source
from migrate.unmoved import Lost, mark_module
from updates.codemods.dotted_names import Names
from updates.codemods.renaming import rename_in_code

IMPORTS = "from typing import Any\n"


@dataclass
class Moved:
    """What became of the modules: texts by new module, ids of operations, failures."""

    texts: dict[str, str] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    ids: dict[int, str] = field(default_factory=dict)
    failures: Failures = field(default_factory=Failures)
    blocking: set[str] = field(default_factory=set)
    # Operations, by their ids, that reach something marked.
    halted: set[str] = field(default_factory=set)


def move_modules(
    source: Source, operations: list[Operation], places: dict[str, str], context: str
) -> Moved:
    """Carry the modules over."""
    moved = Moved()
    handlers = _group(operations, places, context)
    for old, new in places.items():
        module = source.modules[old]
        if module.is_package:
            moved.packages.add(new)
        text = _rename(module.text, module.name, module.is_package, places)
        text = rewrite_answers(_parse(moved, text, new), moved.failures)
        moved.texts[new] = rewrite_requests(_parse(moved, text, new), handlers.get(new, {}))
    definitions = _define(moved)
    moved.blocking = reach(definitions, lambda name: is_in(name, BLOCKING), lambda _: True)
    routers = {name for name, each in definitions.items() if _makes_routes(each.uses)}
    for new, found in handlers.items():
        _carry(moved, new, found, routers)
    _mark(moved)
    return moved


def _group(
    operations: list[Operation], places: dict[str, str], context: str
) -> dict[str, dict[str, Handler]]:
    """Return the handlers of each new module, by the names of their functions."""
    found: dict[str, dict[str, Handler]] = {}
    for each in operations:
        if each.module:
            module = found.setdefault(places[each.module], {})
            module.setdefault(each.function, Handler([], context)).operations.append(each)
    return found


def _rename(text: str, name: str, is_package: bool, places: dict[str, str]) -> str:
    changed = {old: new for old, new in places.items() if old != new}
    return rename_in_code(text, f"{name}.__init__" if is_package else name, Names(changed))


def _parse(moved: Moved, text: str, module: str) -> Meanings:
    return Meanings(text, module, module in moved.packages)


def _define(moved: Moved) -> Definitions:
    found: Definitions = {}
    for module, text in moved.texts.items():
        found |= read_definitions(_parse(moved, text, module), module in moved.packages)
    return found


def _makes_routes(uses: set[str]) -> bool:
    return any(use in ("flask.Flask", "flask.Blueprint") for use in uses)


def _carry(moved: Moved, module: str, handlers: dict[str, Handler], routers: set[str]) -> None:
    blocking = {
        name.rpartition(".")[2] for name in moved.blocking if name.rpartition(".")[0] == module
    }
    carried = rewrite_handlers(
        _parse(moved, moved.texts[module], module), handlers, blocking, routers
    )
    moved.ids |= carried.ids
    more = "from app.standard.service import run_blocking\n" if carried.runs_blocking else ""
    moved.texts[module] = add_imports(carried.text, more)


def _mark(moved: Moved) -> None:
    """Mark in all modules what means nothing any more."""
    definitions = _define(moved)
    lost = Lost(reach(definitions, is_of_a_framework, lambda kind: kind != FUNCTION), set(), set())
    lost.refusing = {
        name for name, each in definitions.items() if each.kind == FUNCTION and name in lost.names
    }
    lost.names -= lost.refusing
    more = reach(definitions, lambda name: is_in(name, lost.refusing), lambda kind: kind != FUNCTION)
    lost.names |= {each for each in more if definitions[each].kind not in (FUNCTION, IMPORT)}
    lost.needed = {
        use for each in definitions.values() if each.kind != "other" for use in each.uses
    }
    stopped = lost.refusing | lost.names
    moved.halted = stopped | reach(definitions, lambda name: is_in(name, stopped), lambda _: True)
    errors = "".join(f"from app.errors import {name}\n" for name in moved.failures.classes)
    for module, text in moved.texts.items():
        is_package = module in moved.packages
        marked = mark_module(_parse(moved, text, module), lost, is_package)
        is_typed = f"{module}.".startswith(f"{HANDLERS}.")
        marked = add_imports(marked, IMPORTS + errors)
        moved.texts[module] = annotate(marked) if is_typed else marked


def add_imports(text: str, imports: str) -> str:
    """Put imports below the docstring of a module; what is not needed goes when it is linted."""
    import libcst as cst

    tree = cst.parse_module(text)
    place = 1 if tree.get_docstring() is not None else 0
    while place < len(tree.body) and "__future__" in tree.code_for_node(tree.body[place]):
        place += 1
    lines = cst.parse_module(imports).body
    return tree.with_changes(body=[*tree.body[:place], *lines, *tree.body[place:]]).code
