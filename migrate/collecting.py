"""The tests of the old service: their client is the template's fixture from now on."""

from __future__ import annotations

import re

import libcst as cst
from libcst.helpers import get_full_name_for_node

from migrate.annotating import add_imports
from migrate.meanings import argument

CLIENTS = {"client", "cli", "test_client", "aiohttp_client"}
# The template has them.
FIXTURES = CLIENTS | {"app"}
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "open", "request"}


def rewrite_tests(text: str) -> str:
    """Return the text of a module of tests with the template's client."""
    tests = _Tests()
    code = cst.parse_module(text).visit(tests).code
    # The fixture is none of Flask's applications any more: what uses it is to be marked.
    return add_imports(code, ["from flask import Flask as app"] if tests.uses_app else [])


class _Tests(cst.CSTTransformer):
    def __init__(self) -> None:
        super().__init__()
        self.responses, self.clients = set[str](), set[str]()
        self.uses_app = False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Note what is a client, and what is a response."""
        names = {each.name.value for each in node.params.params}
        self.clients, self.responses = names & CLIENTS, set()

        tests = self

        class Finder(cst.CSTVisitor):
            def visit_Assign(self, node: cst.Assign) -> None:
                target = node.targets[0].target
                if isinstance(target, cst.Name) and tests.is_response(node.value):
                    tests.responses.add(target.value)

        node.body.visit(Finder())

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.RemovalSentinel:
        """Leave out fixtures that the template has, and ``async`` where nothing is awaited."""
        decorators = [
            each
            for each in updated_node.decorators
            if not re.search(r"mark\.(asyncio|aiohttp)", cst.Module([]).code_for_node(each))
        ]
        code = "".join(cst.Module([]).code_for_node(each) for each in decorators)
        if updated_node.name.value in FIXTURES and "fixture" in code:
            return cst.RemoveFromParent()
        body = cst.Module([]).code_for_node(updated_node.body)
        is_plain = not re.search(r"\b(await|async)\b", body) or not updated_node.asynchronous
        params = [
            each.with_changes(name=cst.Name("client")) if each.name.value in CLIENTS else each
            for each in updated_node.params.params
            if each.name.value != "app"
        ]
        self.uses_app |= len(params) < len(updated_node.params.params)
        return updated_node.with_changes(
            decorators=decorators,
            params=updated_node.params.with_changes(params=params),
            asynchronous=None if is_plain else updated_node.asynchronous,
        )

    def is_client(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression is a client of the service."""
        return isinstance(node, cst.Name) and node.value in self.clients

    def is_response(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression is what a client got."""
        if isinstance(node, cst.Await):
            node = node.expression
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            return self.is_client(node.func.value) and node.func.attr.value in VERBS
        return isinstance(node, cst.Name) and node.value in self.responses

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        """Call the client what the template calls it."""
        return cst.Name("client") if original_node.value in self.clients else updated_node

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        """Do without ``await``: the template's client waits by itself."""
        waited = original_node.expression
        if self.is_response(waited):
            return updated_node.expression
        if not isinstance(waited, cst.Call) or not isinstance(waited.func, cst.Attribute):
            return updated_node
        if not self.is_response(waited.func.value):
            return updated_node
        call = updated_node.expression
        # It is no method there.
        is_text = waited.func.attr.value == "text" and isinstance(call, cst.Call)
        return call.func if is_text and isinstance(call, cst.Call) else call

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Ask as the template's client asks, and read as its response is read."""
        function = original_node.func
        if self.is_response(original_node):
            return updated_node.with_changes(args=_arguments(updated_node))
        if isinstance(function, cst.Attribute) and self.is_response(function.value):
            place = updated_node.func
            while isinstance(place, cst.Call):
                place = place.func
            if function.attr.value in ("get_json", "json") and isinstance(place, cst.Attribute):
                return cst.Call(place.with_changes(attr=cst.Name("json")))
            if function.attr.value == "get_data" and isinstance(place, cst.Attribute):
                name = "text" if argument(original_node, "as_text", 1) else "content"
                return place.with_changes(attr=cst.Name(name))
        return updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Read a response as httpx has it."""
        if not self.is_response(original_node.value):
            return updated_node
        if original_node.attr.value == "json":
            return cst.Call(updated_node)
        names = {"data": "content", "status": "status_code"}
        name = names.get(original_node.attr.value, original_node.attr.value)
        return updated_node.with_changes(attr=cst.Name(name))


def _arguments(call: cst.Call) -> list[cst.Arg]:
    """Return the arguments of a request as httpx has them."""
    found = []
    for each in call.args:
        name = each.keyword.value if each.keyword else ""
        value = each.value
        function = get_full_name_for_node(value.func) if isinstance(value, cst.Call) else ""
        if name == "data" and function in ("json.dumps", "dumps") and isinstance(value, cst.Call):
            each = each.with_changes(keyword=cst.Name("json"), value=value.args[0].value)
        elif name == "query_string":
            each = each.with_changes(keyword=cst.Name("params"))
        if name != "content_type":
            found.append(each)
    if found:
        found[-1] = found[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return found
