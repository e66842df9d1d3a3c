"""The modules of the old service, carried over."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from migrate.annotating import add_imports, annotate
from migrate.answers import rewrite_answers
from migrate.collecting import rewrite_tests
from migrate.failures import Failures
from migrate.graph import BLOCKING, FUNCTION, IMPORT, Definitions, is_in, reach, read_definitions
from migrate.handlers import rewrite_handlers
from migrate.lost import Lost, find_causes
from migrate.marking import SuiteOpener, find_refusing
from migrate.meanings import Meanings
from migrate.operations import Operation
from migrate.places import HANDLERS
from migrate.readings import Handler
from migrate.reasons import is_of_a_framework
from migrate.request_uses import rewrite_requests
from migrate.setting_up import find_factories
from migrate.source import Source
from migrate.unmoved import mark_module
from updates.codemods.dotted_names import Names
from updates.codemods.renaming import rename_in_code


@dataclass
class Moved:
    """What became of the modules: texts by new module, ids of operations, failures."""

    texts: dict[str, str] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    ids: dict[int, str] = field(default_factory=dict)
    failures: Failures = field(default_factory=Failures)
    blocking: set[str] = field(default_factory=set)
    coroutines: set[str] = field(default_factory=set)
    # Operations, by their ids, that reach something marked.
    halted: set[str] = field(default_factory=set)


def move_modules(
    source: Source, operations: list[Operation], places: dict[str, str], context: str
) -> Moved:
    """Carry the modules and the tests over."""
    moved = Moved()
    tests = {each.name: each for each in source.tests}
    handlers = _group(operations, places, context)
    for old, new in places.items():
        module = source.modules.get(old) or tests[old]
        if module.is_package:
            moved.packages.add(new)
        text = _rename(module.text, module.name, module.is_package, places)
        if old in tests:
            moved.texts[new] = rewrite_tests(text)
            continue
        is_flask = source.framework == "flask"
        text = rewrite_answers(_parse(moved, text, new), moved.failures, is_flask=is_flask)
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
    text = rename_in_code(text, f"{name}.__init__" if is_package else name, Names(changed))
    return cst.parse_module(text).visit(SuiteOpener()).code


def _parse(moved: Moved, text: str, module: str) -> Meanings:
    return Meanings(text, module, module in moved.packages)


def _parse_of(moved: Moved, module: str) -> Meanings:
    return _parse(moved, moved.texts[module], module)


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
    carried = rewrite_handlers(_parse_of(moved, module), handlers, blocking, routers)
    moved.ids |= carried.ids
    moved.coroutines |= carried.coroutines
    imports = ["from app.standard.service import run_blocking", "from uuid import UUID"]
    # What is still read of a request that was an argument is a framework's, and is marked.
    contexts = sorted({each.context for each in handlers.values()} - {""})
    imports += [f"from aiohttp.web import Request as {each}" for each in contexts]
    moved.texts[module] = add_imports(carried.text, imports)


def _mark(moved: Moved) -> None:
    """Mark in all modules what means nothing any more."""
    definitions = _define(moved)
    lost = Lost(set(), coroutines=moved.coroutines)
    for module, text in moved.texts.items():
        lost.factories |= find_factories(_parse(moved, text, module))

    def is_lost(name: str) -> bool:
        return is_of_a_framework(name) or is_in(name, lost.factories)

    lost.names = reach(definitions, is_lost, lambda kind: kind != FUNCTION) | lost.factories
    lost.refusing = {each for each in lost.names if definitions[each].kind == FUNCTION}
    lost.names -= lost.refusing - lost.factories
    more = reach(
        definitions, lambda name: is_in(name, lost.refusing), lambda kind: kind != FUNCTION
    )
    lost.names |= {each for each in more if definitions[each].kind not in (FUNCTION, IMPORT)}
    lost.causes = find_causes(definitions, lost.names | lost.refusing)
    errors = [f"from app.errors import {name}" for name in moved.failures.classes]
    imports = ["import logging", "from typing import Any", *errors]
    for module, text in moved.texts.items():
        marked = mark_module(_parse(moved, text, module), lost, module in moved.packages)
        is_test = module.startswith("tests.")
        if is_test or f"{module}.".startswith(f"{HANDLERS}."):
            marked = annotate(marked, tests=is_test)
        moved.texts[module] = add_imports(marked, imports)
    definitions = _define(moved)
    stopped = {name for module in moved.texts for name in find_refusing(_parse_of(moved, module))}
    moved.halted = stopped | reach(definitions, lambda name: is_in(name, stopped), lambda _: True)
