"""What could not be moved: it stays where it stood, marked, and nothing that needs it runs."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from migrate.annotating import STAND_INS
from migrate.graph import bindings
from migrate.lost import Lost
from migrate.marked_functions import FunctionMarker
from migrate.marking import Mark, first_line
from migrate.meanings import Meanings
from migrate.reasons import explain_code
from migrate.setting_up import name_applications, sets_up


def mark_module(meanings: Meanings, lost: Lost, is_package: bool) -> str:
    """Return the text of a module in which what is lost is marked."""
    parts = meanings.module.split(".")
    package = parts if is_package else parts[:-1]
    tree = meanings.tree
    applications = name_applications(meanings, tree, lost.factories)
    functions = [
        each
        for each in tree.body
        if isinstance(each, cst.FunctionDef | cst.ClassDef)
        and f"{meanings.module}.{each.name.value}" not in lost.factories
    ]
    needed = {name for each in functions for name in meanings.used_in(each.body)}
    imports = [number for number, each in enumerate(tree.body) if _import_of(each)]
    pieces, stand_ins = [cst.Module([], header=tree.header).code], ""
    for number, each in enumerate(tree.body):
        statement = _Statement(meanings, lost, package, each, applications, needed)
        pieces.append(statement.code())
        stand_ins += statement.later
        # Imports go on behind one that is gone.
        if stand_ins and number == imports[-1]:
            pieces.append(f"\n{STAND_INS}\n{stand_ins}")
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
    # Stand-ins of an import.
    later: str = ""

    def code(self) -> str:
        """Return what becomes of it."""
        node = self.node
        if isinstance(node, cst.FunctionDef):
            if f"{self.meanings.module}.{node.name.value}" in self.lost.factories:
                return ""
            return self._plain(node.visit(FunctionMarker(self.meanings, self.lost)))
        if small := _import_of(node):
            return self._import(small)
        uses = sorted(self._uses())
        if uses and sets_up(self.meanings, node, self.applications, self.lost.factories):
            return self._stand_ins()
        if uses:
            code = self._plain(node).strip("\n")
            lines = [f"# {line}".rstrip() for line in code.split("\n")]
            why = explain_code(code) or self.lost.explain(uses)
            what = first_line(node)
            more = lines if lines != [f"# {what}"] else []
            mark = str(Mark(what, why))
            return "\n".join(["", mark, *more, self._stand_ins()])
        return self._plain(node.visit(FunctionMarker(self.meanings, self.lost)))

    def _plain(self, node: object) -> str:
        return self.meanings.tree.code_for_node(node) if isinstance(node, cst.CSTNode) else ""

    def _uses(self) -> set[str]:
        if isinstance(self.node, cst.ClassDef):
            name = f"{self.meanings.module}.{self.node.name.value}"
            return {name} if self.lost.has(name) else set()
        used = self.meanings.used_in(self.node)
        return {each for each in used if self.lost.has(each, at_import=True)}

    def _stand_ins(self) -> str:
        """Return the names that mean nothing any more, but for those that nobody asks for."""
        names = [name for name, _ in bindings(self.node, self.package) if self._is_needed(name)]
        return "".join(f"{name}: Any = None\n" for name in names)

    def _is_needed(self, name: str, origin: str = "") -> bool:
        """Tell whether functions here use a name."""
        wanted = origin or f"{self.meanings.module}.{name}"
        return any(f"{each}.".startswith(f"{wanted}.") for each in self.needed)

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
            changes = {"lpar": None, "rpar": None} if isinstance(small, cst.ImportFrom) else {}
            plain: cst.CSTNode = small.with_changes(names=kept, **changes)
            text = f"{self.meanings.tree.code_for_node(plain)}\n"
        for name, origin in gone:
            if self._is_needed(name, origin):
                self.later += f"{name}: Any = None\n"
        return text
