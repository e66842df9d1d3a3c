"""Renames in Python code, by LibCST: what a file calls things stays, unless that is safe to change."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import MetadataWrapper, QualifiedNameProvider, QualifiedNameSource

from updates.codemods.dotted_names import Names
from updates.codemods.renaming_imports import (
    change_import,
    change_import_from,
    dotted,
    list_bound,
    may_change,
)


def rename_in_code(text: str, module: str, names: Names) -> str:
    """Return the text of a module with the names changed; raise ``SyntaxError`` if it is none."""
    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    except cst.ParserSyntaxError as error:
        raise SyntaxError(str(error)) from error
    package = module.removesuffix(".__init__") if module.endswith("__init__") else module
    parts = package.split(".") if module.endswith("__init__") else package.split(".")[:-1]
    renamer = Renamer(names, parts, text, package)
    wrapper.visit(renamer.uses)
    return wrapper.module.visit(renamer).code


class Uses(cst.CSTVisitor):
    """Finds the attributes that change, and the modules that these need."""

    METADATA_DEPENDENCIES = (QualifiedNameProvider,)

    def __init__(self, names: Names, package: Sequence[str], module: str) -> None:
        super().__init__()
        self.names, self.package, self.module = names, package, module
        self.attributes: dict[cst.CSTNode, str] = {}
        self.locals: dict[cst.CSTNode, str] = {}
        self.needed: dict[str, set[tuple[str, str]]] = {}
        self.imported: set[str] = set()

    def qualify(self, node: cst.CSTNode) -> str:
        """Return what an expression means, if that is one thing for certain."""
        found = [*self.get_metadata(QualifiedNameProvider, node, ())]
        if len(found) != 1 or found[0].source is QualifiedNameSource.BUILTIN:
            return ""
        name = found[0].name
        if found[0].source is QualifiedNameSource.LOCAL:
            return f"{self.module}.{name}"
        dots = len(name) - len(name.lstrip("."))
        above = self.package[: len(self.package) - dots + 1] if dots else []
        return ".".join([*above, name[dots:]])

    def visit_Name(self, node: cst.Name) -> None:
        """Note what a plain name means."""
        self.locals[node] = self.qualify(node)

    def visit_Import(self, node: cst.Import) -> bool:
        """Note which modules are imported by their whole names."""
        self.imported |= {str(alias.evaluated_name) for alias in node.names}
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        """Leave out imports."""
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        """Note an attribute that is elsewhere now."""
        root: cst.BaseExpression = node
        while isinstance(root, cst.Attribute):
            root = root.value
        name = self.qualify(node)
        if not name or not isinstance(root, cst.Name):
            return True
        self.visit_Name(root)
        self.note(node, root.value, name)
        return False

    def note(self, node: cst.Attribute, root: str, name: str) -> None:
        """Note how an attribute is spelled now, and what is to be imported for it."""
        old, new = self.names.match(name)
        # The root is what is imported; it changes with its import, or keeps its name.
        rest = (get_full_name_for_node(node) or "")[len(root) :]
        origin = name[: len(name) - len(rest)]
        whole = self.names.find(name)
        if not old or (origin != root and self.names.find(origin) + rest == whole):
            return
        if old.rpartition(".")[0] == new.rpartition(".")[0] and old.startswith(f"{origin}."):
            self.attributes[node] = root + whole[len(origin) :]
        else:
            self.attributes[node] = whole
            self.needed.setdefault(root, set()).add((old, new))


class Renamer(cst.CSTTransformer):
    """Changes imports, and what is used of them."""

    def __init__(self, names: Names, package: Sequence[str], text: str, module: str) -> None:
        super().__init__()
        self.names, self.package, self.text, self.module = names, package, text, module
        self.uses = Uses(names, package, module)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Spell an attribute out that is elsewhere now."""
        new = self.uses.attributes.get(original_node)
        return cst.parse_expression(new) if new else updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        """Follow an import whose name changes with it."""
        meaning = self.uses.locals.get(original_node, "")
        new = self.names.find(meaning).rpartition(".")[2] if meaning else ""
        is_plain = meaning.rpartition(".")[2] == original_node.value
        is_own = meaning.rpartition(".")[0] == self.module
        if new and is_plain and (is_own or may_change(self.text, original_node.value, new)):
            return updated_node.with_changes(value=new)
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        """Let the import of a line become several lines."""
        first, *more = self.change_imports(original_node.body, updated_node.body)
        if len(original_node.body) > 1:
            return updated_node.with_changes(body=[first, *more])
        line = updated_node.with_changes(body=[first])
        return cst.FlattenSentinel([line, *(cst.SimpleStatementLine([each]) for each in more)])

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.SimpleStatementSuite:
        """Let the import behind a colon become several."""
        body = self.change_imports(original_node.body, updated_node.body)
        return updated_node.with_changes(body=body)

    def change_imports(
        self, old: Sequence[cst.BaseSmallStatement], new: Sequence[cst.BaseSmallStatement]
    ) -> list[cst.BaseSmallStatement]:
        """Return statements with what their imports become."""
        statements: list[cst.BaseSmallStatement] = []
        for before, after in zip(old, new, strict=True):
            if isinstance(before, cst.ImportFrom):
                statements += change_import_from(before, self.names, self.package, self.text)
                statements += self.add_needed(list_bound(before), set())
            elif isinstance(before, cst.Import):
                changed = change_import(before, self.names)
                known = {str(alias.evaluated_name) for alias in changed.names}
                statements += [changed, *self.add_needed(list_bound(before), known)]
            else:
                statements.append(after)
        return statements

    def add_needed(self, names: Sequence[str], known: set[str]) -> list[cst.Import]:
        """Return the imports of what is used by way of names and is elsewhere now."""
        pairs = {pair for name in names for pair in self.uses.needed.pop(name, ())}
        # What was imported by its whole name is a module, and all else is in one.
        modules = {
            new if old in self.uses.imported else new.rpartition(".")[0] for old, new in pairs
        }
        return [cst.Import([cst.ImportAlias(dotted(each))]) for each in sorted(modules - known)]
