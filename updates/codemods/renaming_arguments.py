"""Arguments of functions that are renamed in Python code, by LibCST."""

from __future__ import annotations

import re
from collections.abc import Mapping

import libcst as cst


def rename_arguments_in_code(text: str, function: str, names: Mapping[str, str]) -> str:
    """Return the text of a module with arguments of a function renamed.

    Nothing changes where the function has not all of them, or has a new name already.
    """
    try:
        return cst.parse_module(text).visit(FunctionRenamer(function, names)).code
    except cst.ParserSyntaxError:
        return text


class FunctionRenamer(cst.CSTTransformer):
    """Finds the function, which is in no class and in no other function."""

    def __init__(self, function: str, names: Mapping[str, str]) -> None:
        super().__init__()
        self.function, self.names = function, names

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        """Leave out classes."""
        return False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        """Leave out what is in functions."""
        return False

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """Rename the arguments where they are declared and used."""
        if original_node.name.value != self.function:
            return updated_node
        code = cst.Module([]).code_for_node(original_node)
        declared = {
            each.name.value
            for each in (*original_node.params.params, *original_node.params.kwonly_params)
        }
        taken = any(re.search(rf"\b{new}\b", code) for new in self.names.values())
        if taken or not self.names.keys() <= declared:
            return updated_node
        renamer = ArgumentRenamer(self.names)
        return updated_node.with_changes(
            params=updated_node.params.visit(renamer), body=updated_node.body.visit(renamer)
        )


class ArgumentRenamer(cst.CSTTransformer):
    """Renames names, but for attributes, keywords of calls, and what annotations say."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        """Rename the argument."""
        return updated_node.with_changes(
            value=self.names.get(updated_node.value, updated_node.value)
        )

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        """Keep the name behind a dot."""
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Keep the keyword of a call."""
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Annotation(
        self, original_node: cst.Annotation, updated_node: cst.Annotation
    ) -> cst.Annotation:
        """Keep a type."""
        return original_node
