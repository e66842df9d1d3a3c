"""Handlers: async functions of the contract's arguments, around what the old service had."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import libcst as cst

from migrate.marking import Mark, comment, refuse_to_run
from migrate.meanings import Meanings
from migrate.readings import METHOD, Handler
from migrate.reasons import explain
from migrate.signatures import Signature, add_parameter, make_signature

ROUTE = re.compile(r".*\.(route|get|post|put|patch|delete)")


@dataclass
class Carried:
    """The handlers of a module as code, and the ids of their operations."""

    text: str
    ids: dict[int, str] = field(default_factory=dict)
    # The dotted names of those that were called like any function, and are coroutines now.
    coroutines: set[str] = field(default_factory=set)


def rewrite_handlers(
    meanings: Meanings, handlers: dict[str, Handler], blocking: set[str], routers: set[str]
) -> Carried:
    """Return the text of a module whose handlers are the template's.

    ``blocking`` names the functions that block; ``routers`` what decorators for routes begin with.
    """
    carried = Carried("")
    taken = set(re.findall(r"^(?:async )?def (\w+)", meanings.tree.code, re.M))
    body: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    for statement in meanings.tree.body:
        name = statement.name.value if isinstance(statement, cst.FunctionDef) else ""
        if not isinstance(statement, cst.FunctionDef) or name not in handlers:
            body.append(statement)
            continue
        handler = handlers[name]
        signature = make_signature(statement, handler)
        function = _strip_decorators(statement, meanings, routers)
        function = _begin(function, signature)
        if any(each.is_text for each in handler.operations):
            mark = comment(Mark(name, explain("", "text")))
            lines = [*function.leading_lines, mark]
            function = refuse_to_run(function.with_changes(leading_lines=lines))
        is_sync = statement.asynchronous is None
        carried.coroutines |= {f"{meanings.module}.{name}"} if is_sync else set()
        blocks = is_sync and name in blocking
        if len(handler.operations) == 1 and not blocks:
            carried.ids[id(handler.operations[0].spec)] = f"{meanings.module}.{name}"
            body.append(function.with_changes(asynchronous=cst.Asynchronous()))
            continue
        inner = f"_{name.lstrip('_')}"
        while inner in taken:
            inner += "_"
        # What nothing says blocks is awaited like what is async already.
        mode = function.asynchronous if blocks or not is_sync else cst.Asynchronous()
        body.append(function.with_changes(name=cst.Name(inner), asynchronous=mode))
        doc = function.get_docstring(clean=True)
        for number, operation in enumerate(handler.operations):
            public = name if number == 0 else f"{name}_{operation.method}"
            while number and public in taken:
                public += "_"
            taken.add(public)
            carried.ids[id(operation.spec)] = f"{meanings.module}.{public}"
            body += _call(public, inner, operation.where, handler, number, blocks, doc)
    carried.text = meanings.tree.with_changes(body=body).code
    return carried


def _strip_decorators(
    function: cst.FunctionDef, meanings: Meanings, routers: set[str]
) -> cst.FunctionDef:
    """Take the decorators away: those of routes for good, others with a mark."""
    lines, lost = [*function.leading_lines], False
    for decorator in function.decorators:
        called = decorator.decorator
        meaning = meanings.of(called.func if isinstance(called, cst.Call) else called)
        if ROUTE.fullmatch(meaning) and meaning.rpartition(".")[0] in routers:
            continue
        code = "@" + cst.Module([]).code_for_node(called).replace("\n", " ")
        lines.append(comment(Mark(code, explain(meaning, "decorator"))))
        lost = True
    function = function.with_changes(decorators=[], leading_lines=lines)
    return refuse_to_run(function) if lost else function


def _begin(function: cst.FunctionDef, signature: Signature) -> cst.FunctionDef:
    """Give a function its arguments, and let it begin with what they were called."""
    new = cst.parse_module(f"def f({_with_rest(function, signature)}) -> Any: ...\n").body[0]
    if isinstance(new, cst.FunctionDef):
        function = function.with_changes(params=new.params, returns=new.returns)
    lines = [cst.parse_statement(line) for line in signature.first]
    marks = [comment(Mark(name, explain("", "argument"))) for name in signature.unknown]
    marks += [comment(Mark(name, explain("", "file"))) for name in signature.files]
    if marks:
        lines_above = [*function.leading_lines, *marks]
        function = refuse_to_run(function.with_changes(leading_lines=lines_above))
    statements = [*function.body.body]
    place = 1 if function.get_docstring() is not None else 0
    statements[place:place] = lines
    return function.with_changes(body=function.body.with_changes(body=statements))


def _with_rest(function: cst.FunctionDef, signature: Signature) -> str:
    rest = function.params.star_kwarg
    more = [f"**{rest.name.value}: Any"] if rest else []
    return ", ".join([each for each in (signature.code, *more) if each])


def _call(
    name: str, inner: str, where: str, handler: Handler, number: int, blocks: bool, doc: str | None
) -> list[cst.BaseStatement]:
    """Return the function of an operation that calls the old one."""
    signature = Signature()
    for each in handler.operations[number].parameters:
        default = handler.defaults.get(each.argument)
        add_parameter(signature, each, default, each.required)
    given = "".join(f", {each}={each}" for each in signature.names)
    if handler.asks_method and len(handler.operations) > 1:
        given += f', {METHOD}="{handler.operations[number].method.upper()}"'
    call = f"run_blocking({inner}{given})" if blocks else f"{inner}({given[2:]})"
    summary = (doc or "").split("\n")[0].replace('"', "'") or f"Answer {where}."
    code = (
        f"async def {name}({signature.code}) -> Any:\n"
        f'    """{summary}"""\n'
        f"    return await {call}\n"
    )
    return [*cst.parse_module(code).body]
