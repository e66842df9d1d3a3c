"""Types where there are none, and the imports that carried code needs."""

from __future__ import annotations

import re

import libcst as cst

ANY = cst.Annotation(cst.Name("Any"))
# Above what imports of frameworks brought.
STAND_INS = "# They mean nothing here: what uses them is marked."
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


def add_imports(text: str, imports: list[str]) -> str:
    """Put those of some imports that a module needs below its docstring."""
    needed = [each for each in imports if re.search(rf"\b{each.rpartition(' ')[2]}\b", text)]
    if text.lstrip().startswith(STAND_INS):
        # Otherwise it would be the first comment of the file.
        text = f"import sys\n{text}"
    tree = cst.parse_module(text)
    place = 1 if tree.get_docstring() is not None else 0
    while place < len(tree.body) and "__future__" in tree.code_for_node(tree.body[place]):
        place += 1
    lines = cst.parse_module("".join(f"{each}\n" for each in needed)).body
    return tree.with_changes(body=[*tree.body[:place], *lines, *tree.body[place:]]).code
