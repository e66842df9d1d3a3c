"""Functions that use what means nothing any more: their statements are marked."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from migrate.lost import Lost
from migrate.marking import Mark, comment, first_line, refuse_to_run
from migrate.meanings import Meanings
from migrate.reasons import HOOKS, explain, explain_code
from migrate.setting_up import name_applications, sets_up


class FunctionMarker(cst.CSTTransformer):
    """Marks the statements of functions that use what is lost; these functions refuse to run."""

    def __init__(self, meanings: Meanings, lost: Lost) -> None:
        super().__init__()
        self.meanings, self.lost = meanings, lost
        self.depth, self.is_marked = 0, False
        self.applications = set[str]()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Note the applications that a function makes."""
        if not self.depth:
            factories = self.lost.factories
            self.applications = name_applications(self.meanings, node.body, factories)
        self.depth += 1

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.depth -= 1
        lines, kept = [*updated_node.leading_lines], []
        for before, after in zip(original_node.decorators, updated_node.decorators, strict=True):
            hook = self._hook(before.decorator)
            if hook or self._lost(before, at_import=True):
                code = "@" + self.meanings.tree.code_for_node(before.decorator)
                lines.append(comment(Mark(code, explain(hook, "decorator"))))
                self.is_marked = True
            else:
                kept.append(after)
        function = updated_node.with_changes(decorators=kept, leading_lines=lines)
        if self.depth == 0 and self.is_marked:
            self.is_marked = False
            return refuse_to_run(function)
        return function

    def leave_Annotation(
        self, original_node: cst.Annotation, updated_node: cst.Annotation
    ) -> cst.Annotation:
        is_lost = self._lost(original_node.annotation)
        return updated_node.with_changes(annotation=cst.Name("Any")) if is_lost else updated_node

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Put a mark above a statement."""
        node: Any = super().on_leave(original_node, updated_node)
        if not self.depth or not isinstance(original_node, cst.BaseStatement):
            return node
        if isinstance(original_node, cst.FunctionDef) or not hasattr(node, "leading_lines"):
            return node
        if not (mark := self._mark(original_node)):
            return node
        self.is_marked = True
        return node.with_changes(leading_lines=[*node.leading_lines, comment(mark)])

    def _mark(self, statement: cst.BaseStatement) -> Mark | None:
        code = first_line(statement)
        if self.applications:
            self.is_marked = True
            if sets_up(self.meanings, statement, self.applications, self.lost.factories):
                return None
            if re.match(rf"({'|'.join(self.applications)})\b", code):
                return Mark(code, explain_code(code) or explain("flask.Flask"))
        if uses := self._lost(statement):
            return Mark(self.lost.name(uses), self.lost.explain(uses))
        used = self.meanings.used_in(statement, outside_blocks=True) & self.lost.coroutines
        return Mark(sorted(used)[0], explain("", "coroutine")) if used else None

    def _hook(self, decorator: cst.BaseExpression) -> str:
        """Return what a decorator hooks a function to, as ``errorhandler`` of an application."""
        called = decorator.func if isinstance(decorator, cst.Call) else decorator
        name = called.attr.value if isinstance(called, cst.Attribute) else ""
        return name if name in HOOKS else ""

    def _lost(self, node: cst.CSTNode, *, at_import: bool = False) -> list[str]:
        used = self.meanings.used_in(node, outside_blocks=True)
        return sorted(each for each in used if self.lost.has(each, at_import=at_import))
