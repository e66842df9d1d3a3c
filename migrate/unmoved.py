"""What could not be moved: it stays where it stood, marked, and nothing that needs it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst

from migrate.graph import bindings, is_in
from migrate.marking import Mark, comment, refuse_to_run
from migrate.meanings import Meanings
from migrate.reasons import explain, is_of_a_framework

SET_UP = re.compile(
    r"(connexion\.(.+\.)?(App|FlaskApp|AioHttpApp|AsyncApp)|flask\.(Flask|Blueprint)"
    r"|aiohttp\.web\.run_app)$"
)
SET_UP_VERBS = {"add_api", "register_blueprint", "run"}


@dataclass
class Lost:
    """The dotted names that have no meaning any more, and those of functions that refuse to run."""

    names: set[str]
    refusing: set[str]
    # What functions, and imports of other modules, still ask for.
    needed: set[str]

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
    pieces = [cst.Module([], header=tree.header).code]
    for statement in tree.body:
        pieces.append(_Statement(meanings, lost, package, statement).code())
    return "".join([*pieces, cst.Module([], footer=tree.footer).code])


class _Statement:
    """A statement of a module."""

    def __init__(
        self, meanings: Meanings, lost: Lost, package: list[str], node: cst.CSTNode
    ) -> None:
        self.meanings, self.lost, self.package, self.node = meanings, lost, package, node

    def code(self) -> str:
        """Return what becomes of it."""
        node = self.node
        if isinstance(node, cst.FunctionDef):
            return self._plain(node.visit(_Functions(self.meanings, self.lost)))
        small = node.body[0] if isinstance(node, cst.SimpleStatementLine) else None
        if isinstance(small, cst.Import | cst.ImportFrom):
            return self._import(small)
        if self._sets_up():
            return self._stand_ins("", explain("flask.Flask"))
        if uses := sorted(self._uses()):
            return self._stand_ins(self._plain(node).strip("\n"), explain(_main(uses)))
        return self._plain(node.visit(_Functions(self.meanings, self.lost)))

    def _plain(self, node: object) -> str:
        assert isinstance(node, cst.CSTNode)
        return self.meanings.tree.code_for_node(node)

    def _uses(self) -> set[str]:
        if isinstance(self.node, cst.ClassDef):
            name = f"{self.meanings.module}.{self.node.name.value}"
            return {name} if self.lost.has(name) else set()
        used = self.meanings.used_in(self.node)
        return {each for each in used if self.lost.has(each, at_import=True)}

    def _sets_up(self) -> bool:
        """Tell whether it does what the template does by itself."""
        if isinstance(self.node, cst.If):
            return "__name__" in self._plain(self.node.test)
        small = self.node.body[0] if isinstance(self.node, cst.SimpleStatementLine) else None
        value = small.value if isinstance(small, cst.Assign | cst.Expr) else None
        if not isinstance(value, cst.Call):
            return False
        if SET_UP.match(self.meanings.of(value.func)):
            return True
        is_verb = isinstance(value.func, cst.Attribute) and value.func.attr.value in SET_UP_VERBS
        return is_verb and bool(self._uses())

    def _stand_ins(self, code: str, why: str) -> str:
        """Return a mark with the code behind comments, and names that mean nothing any more."""
        names = [
            name
            for name, _ in bindings(self.node, self.package)
            if is_in_reverse(f"{self.meanings.module}.{name}", self.lost.needed)
        ]
        lines = [f"# {line}".rstrip() for line in code.split("\n")] if code else []
        if not lines and not names:
            return ""
        what = code.split("\n")[0] if code else names[0]
        stand_ins = [f"{name}: Any = None" for name in names]
        return "\n".join(["", str(Mark(what, why)), *lines[lines.__len__() == 1 :], *stand_ins, ""])

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
            if isinstance(plain, cst.ImportFrom):
                plain = plain.with_changes(lpar=None, rpar=None)
            text = f"{self.meanings.tree.code_for_node(plain)}\n"
        for name, origin in gone:
            if is_in_reverse(f"{self.meanings.module}.{name}", self.lost.needed):
                text += f"{Mark(f'import of {origin}', explain(origin))}\n{name}: Any = None\n"
        return text


def is_in_reverse(name: str, names: set[str]) -> bool:
    """Tell whether a dotted name, or something below it, is one of some names."""
    return any(f"{each}.".startswith(f"{name}.") for each in names)


def _main(uses: list[str]) -> str:
    """Return the name that tells most of why something is lost."""
    return next((each for each in uses if is_of_a_framework(each)), uses[0])


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

    def on_leave(self, original_node, updated_node):  # type: ignore[no-untyped-def]
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
        code = self.meanings.tree.code_for_node(original_node).strip().split("\n")[0]
        mark = comment(Mark(_main(uses), explain(_main(uses))))
        return node.with_changes(leading_lines=[*node.leading_lines, mark]) if code else node

    def _lost(self, node: cst.CSTNode, *, at_import: bool = False) -> list[str]:
        used = self.meanings.used_in(node, outside_blocks=True)
        return sorted(each for each in used if self.lost.has(each, at_import=at_import))
