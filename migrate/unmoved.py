"""What could not be moved: it stays where it stood, marked, and nothing that needs it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from migrate.graph import bindings, is_in
from migrate.marking import Mark, comment, refuse_to_run
from migrate.meanings import Meanings
from migrate.reasons import explain, is_of_a_framework
from migrate.setting_up import name_applications, sets_up


@dataclass
class Lost:
    """The dotted names that have no meaning any more, and those of functions that refuse to run."""

    names: set[str]
    refusing: set[str] = field(default_factory=set)
    # Of functions that only made the application.
    factories: set[str] = field(default_factory=set)
    # What modules import from each other.
    imported: set[str] = field(default_factory=set)

    def has(self, name: str, *, at_import: bool = False) -> bool:
        """Tell whether a name is lost; at import, functions that refuse to run count too."""
        if is_of_a_framework(name) or is_in(name, self.names):
            return True
        return at_import and is_in(name, self.refusing)


def mark_module(meanings: Meanings, lost: Lost, is_package: bool) -> str:
    """Return the text of a module in which what is lost is marked."""
    parts = meanings.module.split(".")
    package = parts if is_package else parts[:-1]
    tree = meanings.tree
    applications = name_applications(meanings, tree)
    functions = [each for each in tree.body if isinstance(each, cst.FunctionDef | cst.ClassDef)]
    needed = {name for each in functions for name in meanings.used_in(each.body)}
    imports = [number for number, each in enumerate(tree.body) if _import_of(each)]
    pieces, stand_ins = [cst.Module([], header=tree.header).code], ""
    for number, each in enumerate(tree.body):
        statement = _Statement(meanings, lost, package, each, applications, needed)
        pieces.append(statement.code())
        stand_ins += statement.later
        # Imports go on behind one that is gone.
        if stand_ins and number == imports[-1]:
            pieces.append(f"\n{stand_ins}")
    return "".join([*pieces, cst.Module([], footer=tree.footer).code])


def _import_of(node: cst.CSTNode) -> cst.Import | cst.ImportFrom | None:
    small = node.body[0] if isinstance(node, cst.SimpleStatementLine) else None
    return small if isinstance(small, cst.Import | cst.ImportFrom) else None


@dataclass
class _Statement:
    """A statement of a module."""

    meanings: Meanings
    lost: Lost
    package: list[str]
    node: cst.CSTNode
    # The names of applications here, and what functions here ask for.
    applications: set[str]
    needed: set[str]
    # Marks and stand-ins of an import.
    later: str = ""

    def code(self) -> str:
        """Return what becomes of it."""
        node = self.node
        if isinstance(node, cst.FunctionDef):
            if f"{self.meanings.module}.{node.name.value}" in self.lost.factories:
                return self._stand_ins("", explain("flask.Flask"))
            return self._plain(node.visit(_Functions(self.meanings, self.lost)))
        if small := _import_of(node):
            return self._import(small)
        if sets_up(self.meanings, node, self.applications) and self._uses():
            return self._stand_ins("", explain("flask.Flask"))
        if uses := sorted(self._uses()):
            return self._stand_ins(self._plain(node).strip("\n"), explain(_main(uses)))
        return self._plain(node.visit(_Functions(self.meanings, self.lost)))

    def _plain(self, node: object) -> str:
        return self.meanings.tree.code_for_node(node) if isinstance(node, cst.CSTNode) else ""

    def _uses(self) -> set[str]:
        if isinstance(self.node, cst.ClassDef):
            name = f"{self.meanings.module}.{self.node.name.value}"
            return {name} if self.lost.has(name) else set()
        used = self.meanings.used_in(self.node)
        return {each for each in used if self.lost.has(each, at_import=True)}

    def _stand_ins(self, code: str, why: str) -> str:
        """Return a mark with the code behind comments, and names that mean nothing any more."""
        names = [name for name, _ in bindings(self.node, self.package) if self._is_needed(name)]
        lines = [f"# {line}".rstrip() for line in code.split("\n")] if code else []
        if not lines and not names:
            return ""
        what = code.split("\n")[0] if code else names[0]
        stand_ins = [f"{name}: Any = None" for name in names]
        return "\n".join(["", str(Mark(what, why)), *lines[len(lines) == 1 :], *stand_ins, ""])

    def _is_needed(self, name: str, origin: str = "") -> bool:
        """Tell whether functions here use a name, or another module imports it."""
        own = f"{self.meanings.module}.{name}"
        return is_in(own, self.lost.imported) or any(
            f"{each}.".startswith(f"{origin or own}.") for each in self.needed
        )

    def _import(self, small: cst.Import | cst.ImportFrom) -> str:
        """Return an import without what is lost, and with stand-ins where that is used."""
        found = [*bindings(self.node, self.package)]
        gone = [(name, origin) for name, origin in found if self.lost.has(origin)]
        if not gone or isinstance(small.names, cst.ImportStar):
            return self._plain(self.node)
        names = {name for name, _ in gone}
        kept = [
            each.with_changes(comma=cst.MaybeSentinel.DEFAULT)
            for each, (name, _) in zip(small.names, found, strict=True)
            if name not in names
        ]
        text = ""
        if kept:
            plain = small.with_changes(names=kept)
            if isinstance(small, cst.ImportFrom):
                plain = small.with_changes(names=kept, lpar=None, rpar=None)
            text = f"{self.meanings.tree.code_for_node(plain)}\n"
        for name, origin in gone:
            if self._is_needed(name, origin):
                self.later += (
                    f"{Mark(f'import of {origin}', explain(origin))}\n{name}: Any = None\n"
                )
        return text


def _main(uses: list[str]) -> str:
    """Return the name that tells most of why something is lost."""
    return max(uses, key=lambda each: (is_of_a_framework(each), len(each)))


class _Functions(cst.CSTTransformer):
    """Marks the statements of functions that use what is lost; these functions refuse to run."""

    def __init__(self, meanings: Meanings, lost: Lost) -> None:
        super().__init__()
        self.meanings, self.lost = meanings, lost
        self.depth, self.is_marked = 0, False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.depth += 1

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.depth -= 1
        lines, kept = [*updated_node.leading_lines], []
        for before, after in zip(original_node.decorators, updated_node.decorators, strict=True):
            if uses := self._lost(before, at_import=True):
                code = "@" + self.meanings.tree.code_for_node(before.decorator)
                lines.append(comment(Mark(code, explain(_main(uses), "decorator"))))
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
        node = super().on_leave(original_node, updated_node)
        if not self.depth or not isinstance(original_node, cst.BaseStatement):
            return node
        if isinstance(original_node, cst.FunctionDef) or not hasattr(node, "leading_lines"):
            return node
        uses = self._lost(original_node)
        if not uses:
            return node
        self.is_marked = True
        mark = comment(Mark(_main(uses), explain(_main(uses))))
        return node.with_changes(leading_lines=[*node.leading_lines, mark])

    def _lost(self, node: cst.CSTNode, *, at_import: bool = False) -> list[str]:
        used = self.meanings.used_in(node, outside_blocks=True)
        return sorted(each for each in used if self.lost.has(each, at_import=at_import))
