"""What handlers read of the request becomes their arguments."""

from __future__ import annotations

import libcst as cst

from migrate.meanings import Meanings, literal
from migrate.operations import Parameter
from migrate.readings import CASTS, METHOD, Handler, Reader, Reading


def rewrite_requests(meanings: Meanings, handlers: dict[str, Handler]) -> str:
    """Return the text of a module whose handlers have arguments in the place of the request."""
    return meanings.tree.visit(RequestRewriter(meanings, handlers)).code


class RequestRewriter(cst.CSTTransformer):
    """Puts arguments where handlers read the request; all else stays as it is."""

    def __init__(self, meanings: Meanings, handlers: dict[str, Handler]) -> None:
        super().__init__()
        self.handlers, self.stack = handlers, list[str]()
        self.reader = Reader(meanings, lambda: self.handler.context if self.handler else "")

    @property
    def handler(self) -> Handler | None:
        """Return the handler that is looked at."""
        return self.handlers.get(self.stack[0]) if self.stack else None

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.stack.append(node.name.value)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.stack.pop()
        return updated_node

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.stack.append("")

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        self.stack.pop()
        return updated_node

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        return self.replace(original_node) or updated_node

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        return self.replace(original_node) or updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return self.replace(original_node) or updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        return self.replace(original_node) or updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        """Leave out what would give an argument its own value."""
        small = updated_node.body[0]
        if not isinstance(small, cst.Assign) or not isinstance(small.value, cst.Name):
            return updated_node
        target = small.targets[0].target
        is_own = isinstance(target, cst.Name) and target.value == small.value.value
        return cst.RemoveFromParent() if is_own else updated_node

    def replace(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return what stands for an expression, or None."""
        reading = self.reader.read(node)
        handler = self.handler
        if reading is None or handler is None:
            return None
        if reading.place == "method":
            handler.asks_method = True
            return cst.Name(METHOD)
        if reading.place == "body":
            return cst.Name("body") if handler.body else None
        if reading.place == "form":
            return _of_form(handler, reading)
        parameter = handler.find(reading.place, reading.name)
        is_list = parameter is not None and parameter.schema.get("type") == "array"
        if parameter is None or (reading.must and not parameter.required):
            return None
        if is_list != reading.many:
            return None
        if reading.cast and CASTS.get(reading.cast) != parameter.schema.get("type"):
            return None
        return _with_default(handler, parameter, reading)


def _of_form(handler: Handler, reading: Reading) -> cst.BaseExpression | None:
    if not handler.body or reading.cast or reading.many:
        return None
    name = cst.SimpleString(f'"{reading.name}"')
    if reading.must:
        return cst.Subscript(cst.Name("body"), [cst.SubscriptElement(cst.Index(name))])
    given = [name, *([reading.default] if reading.default else [])]
    get = cst.Attribute(cst.Name("body"), cst.Name("get"))
    return cst.Call(get, [cst.Arg(each) for each in given])


def _with_default(
    handler: Handler, parameter: Parameter, reading: Reading
) -> cst.BaseExpression | None:
    name = cst.Name(parameter.argument)
    if reading.default is None or parameter.required:
        return name
    if literal(reading.default) is None:
        return None
    code = cst.Module([]).code_for_node(reading.default)
    # It is read twice, with another default.
    if handler.defaults.setdefault(parameter.argument, code) != code:
        return None
    return name
