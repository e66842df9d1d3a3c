"""The routes of a Flask service, read off its decorators; the contract is made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import libcst as cst

from migrate.meanings import Meanings, argument, calls_in, text_of
from migrate.source import Source

ROUTERS = re.compile(r"flask\.(?:\w+\.)?(?:Flask|Blueprint)")
VERBS = ("get", "post", "put", "patch", "delete")
RULE = re.compile(r"<(?:(\w+)(?:\(.*?\))?:)?(\w+)>")


@dataclass
class Route:
    """A rule, its methods, and the function behind it."""

    rule: str
    methods: list[str]
    module: str
    function: cst.FunctionDef


@dataclass
class Routes:
    """All routes of a service, and what of them could not be read."""

    found: list[Route] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    # By their dotted names, where blueprints say that they are.
    prefixes: dict[str, str] = field(default_factory=dict)
    # Blueprint, what it is registered with, and where.
    registered: list[tuple[str, str, str | None]] = field(default_factory=list)

    def places(self, router: str) -> list[str]:
        """Return the prefixes under which the routes of an application or a blueprint are."""
        own = self.prefixes.get(router, "")
        above = [(parent, prefix) for child, parent, prefix in self.registered if child == router]
        return [
            place + (own if prefix is None else prefix)
            for parent, prefix in above
            for place in (self.places(parent) if parent != router else [""])
        ] or [own]


def read_routes(source: Source) -> Routes:
    """Read the routes of all modules."""
    routes = Routes()
    parsed = [Meanings(each.text, each.name, each.is_package) for each in source.modules.values()]
    for meanings in parsed:
        for call in calls_in(meanings.tree):
            _read_registration(routes, meanings, call)
        for statement in meanings.tree.body:
            _read_router(routes, meanings, statement)
    for meanings in parsed:
        for statement in meanings.tree.body:
            if isinstance(statement, cst.FunctionDef):
                _read_function(routes, meanings, statement)
        _note_others(routes, meanings, source)
    return routes


def _read_router(routes: Routes, meanings: Meanings, statement: cst.CSTNode) -> None:
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if not isinstance(small, cst.Assign) or not isinstance(small.value, cst.Call):
        return
    target = small.targets[0].target
    if isinstance(target, cst.Name) and ROUTERS.fullmatch(meanings.of(small.value.func)):
        prefix = text_of(argument(small.value, "url_prefix")) or ""
        routes.prefixes[f"{meanings.module}.{target.value}"] = prefix


def _read_registration(routes: Routes, meanings: Meanings, call: cst.Call) -> None:
    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "register_blueprint":
        child = argument(call, "blueprint", 0)
        prefix = argument(call, "url_prefix")
        parent = meanings.of(call.func.value)
        name = meanings.of(child) if child else ""
        routes.registered.append((name, parent, text_of(prefix) if prefix else None))


def _read_function(routes: Routes, meanings: Meanings, function: cst.FunctionDef) -> None:
    for decorator in function.decorators:
        call = decorator.decorator
        if not isinstance(call, cst.Call):
            continue
        router, _, verb = meanings.of(call.func).rpartition(".")
        if router not in routes.prefixes or verb not in ("route", *VERBS):
            continue
        rule = text_of(argument(call, "rule", 0))
        if rule is None:
            name = f"{meanings.module}.{function.name.value}"
            routes.left.append((name, "the rule of its route is no literal text"))
            continue
        methods = [verb] if verb in VERBS else _methods(call)
        for place in routes.places(router):
            path = f"{place}{rule}" if rule.startswith("/") or not place else f"{place}/{rule}"
            routes.found.append(Route(path or "/", methods, meanings.module, function))


def _methods(call: cst.Call) -> list[str]:
    given = argument(call, "methods")
    if not isinstance(given, cst.List | cst.Tuple | cst.Set):
        return ["get"]
    named = [str(text_of(each.value)).lower() for each in given.elements]
    return [each for each in named if each in VERBS]


def _note_others(routes: Routes, meanings: Meanings, source: Source) -> None:
    """Note routes that are made in another way than by decorators of functions in a module."""
    top = {each.function for each in routes.found}
    path = next(each.path for each in source.modules.values() if each.name == meanings.module)
    for call in calls_in(meanings.tree):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "add_url_rule":
            rule = text_of(argument(call, "rule", 0)) or "a rule"
            routes.left.append((f"{rule} in {path}", "add_url_rule is not read: add it by hand"))

    class Nested(cst.CSTVisitor):
        def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
            code = [meanings.tree.code_for_node(each) for each in node.decorators]
            if node not in top and any(
                re.search(r"\.(route|get|post)\(\s*[\"']/", each) for each in code
            ):
                what = f"{node.name.value} in {path}"
                routes.left.append((what, "its route is made within a function: add it by hand"))

    meanings.tree.visit(Nested())
