"""Types where there are none, so that the types of a new service are checked: ``Any``."""

from __future__ import annotations

import libcst as cst

ANY = cst.Annotation(cst.Name("Any"))
BARE = {"dict": "dict[str, Any]", "list": "list[Any]"}
EMPTY = {"{}": "dict[Any, Any]", "[]": "list[Any]", "dict()": "dict[Any, Any]", "set()": "set[Any]"}


def annotate(text: str, *, tests: bool = False) -> str:
    """Return the text of a module whose functions and empty collections have types."""
    return cst.parse_module(text).visit(_Annotator(tests)).code


class _Annotator(cst.CSTTransformer):
    def __init__(self, tests: bool) -> None:
        super().__init__()
        self.tests = tests

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        """Give an argument a type; that of a method's first, and of a lambda's, is known."""
        if updated_node.annotation or updated_node.name.value in ("self", "cls"):
            return updated_node
        return updated_node.with_changes(annotation=ANY)

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        return False

    def leave_Annotation(
        self, original_node: cst.Annotation, updated_node: cst.Annotation
    ) -> cst.Annotation:
        """Say what bare collections hold."""
        name = updated_node.annotation
        if isinstance(name, cst.Name) and name.value in BARE:
            return updated_node.with_changes(annotation=cst.parse_expression(BARE[name.value]))
        return updated_node

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """Give a function a type to return."""
        if updated_node.returns:
            return updated_node
        is_test = self.tests and updated_node.name.value.startswith("test")
        none = is_test or updated_node.name.value in ("__init__", "setUp", "tearDown")
        return updated_node.with_changes(returns=cst.Annotation(cst.Name("None")) if none else ANY)

    def leave_Assign(
        self, original_node: cst.Assign, updated_node: cst.Assign
    ) -> cst.Assign | cst.AnnAssign:
        """Say what an empty collection will hold."""
        code = cst.Module([]).code_for_node(original_node.value)
        target = original_node.targets[0].target
        if code not in EMPTY or len(original_node.targets) > 1 or not isinstance(target, cst.Name):
            return updated_node
        annotation = cst.Annotation(cst.parse_expression(EMPTY[code]))
        return cst.AnnAssign(target, annotation, original_node.value)
