"""Settings that are renamed in Python code, by LibCST."""

from __future__ import annotations

import libcst as cst
from libcst.helpers import get_full_name_for_node


def rename_setting_in_code(text: str, old: str, new: str) -> str:
    """Return the text of a module with the setting renamed; one that is no Python stays."""
    try:
        return cst.parse_module(text).visit(SettingRenamer(old, new)).code
    except cst.ParserSyntaxError:
        return text


class SettingRenamer(cst.CSTTransformer):
    """Renames a field of classes, of calls and of values that are called settings."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old, self.new = old, new

    def is_settings(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression ends with the word, as ``self.settings`` or ``Settings``."""
        name = get_full_name_for_node(node) or ""
        return name.rpartition(".")[2].lower().endswith("settings")

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        """Rename the field of a value."""
        if original_node.attr.value == self.old and self.is_settings(original_node.value):
            return updated_node.with_changes(attr=cst.Name(self.new))
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Rename the field where a value is made."""
        if not self.is_settings(original_node.func):
            return updated_node
        arguments = [
            each.with_changes(keyword=cst.Name(self.new))
            if each.keyword and each.keyword.value == self.old
            else each
            for each in updated_node.args
        ]
        return updated_node.with_changes(args=arguments)

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        """Rename the field where a class has it."""
        if not self.is_settings(original_node.name):
            return updated_node
        return updated_node.with_changes(body=updated_node.body.visit(FieldRenamer(self)))


class FieldRenamer(cst.CSTTransformer):
    """Renames the field in the body of a class."""

    def __init__(self, renamer: SettingRenamer) -> None:
        super().__init__()
        self.renamer = renamer

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        """Leave out functions, whose names are their own."""
        return False

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign:
        """Rename the field where it is declared."""
        target = updated_node.target
        if isinstance(target, cst.Name) and target.value == self.renamer.old:
            return updated_node.with_changes(target=cst.Name(self.renamer.new))
        return updated_node
