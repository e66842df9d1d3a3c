"""What the names in a module mean: dotted, and absolute."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import MetadataWrapper, QualifiedNameProvider, QualifiedNameSource

LOCAL = ".<locals>."


class Meanings:
    """A module that is parsed, and what its names mean."""

    def __init__(self, text: str, module: str, is_package: bool = False) -> None:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        self.tree, self.module = wrapper.module, module
        self._package = module.split(".") if is_package else module.split(".")[:-1]
        self._found = wrapper.resolve(QualifiedNameProvider)

    def of(self, node: cst.CSTNode) -> str:
        """Return what an expression means, as ``flask.request``, or nothing."""
        found = self._found.get(node, ())
        names = list(found() if callable(found) else found)
        if len(names) != 1:
            return ""
        name, source = names[0].name, names[0].source
        if source is QualifiedNameSource.LOCAL:
            return f"{self.module}.{name}"
        dots = len(name) - len(name.lstrip("."))
        above = self._package[: len(self._package) - dots + 1] if dots else []
        return ".".join([*above, name[dots:]])

    def used_in(self, node: cst.CSTNode, *, outside_blocks: bool = False) -> set[str]:
        """Return what is used in a node; of a compound statement, in its head alone if asked to."""
        collector = _Collector(self, node, outside_blocks)
        node.visit(collector)
        return collector.found


class _Collector(cst.CSTVisitor):
    def __init__(self, meanings: Meanings, root: cst.CSTNode, outside_blocks: bool) -> None:
        super().__init__()
        self.meanings, self.root, self.outside_blocks = meanings, root, outside_blocks
        self.found: set[str] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Import | cst.ImportFrom | cst.Arg | cst.Param):
            # Names of keywords and arguments are none of the module's.
            for child in (getattr(node, "value", None), getattr(node, "default", None)):
                if child is not None:
                    child.visit(self)
            return False
        blocks = cst.IndentedBlock | cst.Else | cst.If | cst.ExceptHandler | cst.Finally
        if self.outside_blocks and node is not self.root and isinstance(node, blocks):
            return False
        if isinstance(node, cst.Name | cst.Attribute):
            meaning = self.meanings.of(node)
            if meaning and LOCAL not in meaning:
                self.found.add(meaning)
        if isinstance(node, cst.Attribute):
            # Behind the dot stands no name of the module's.
            node.value.visit(self)
            return False
        return True


def literal(node: cst.BaseExpression | None) -> object:
    """Return the value of a literal, or None."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        return node.evaluated_value
    if isinstance(node, cst.Integer | cst.Float):
        return node.evaluated_value
    if isinstance(node, cst.Name) and node.value in ("True", "False"):
        return node.value == "True"
    return None


def text_of(node: cst.BaseExpression | None) -> str | None:
    """Return the text of a literal, or None for anything else."""
    value = literal(node)
    return value if isinstance(value, str) else None


def argument(call: cst.Call, name: str, position: int | None = None) -> cst.BaseExpression | None:
    """Return what a call gives under a name, or in a position."""
    for each in call.args:
        if each.keyword and each.keyword.value == name:
            return each.value
    plain = [each.value for each in call.args if each.keyword is None and not each.star]
    return plain[position] if position is not None and position < len(plain) else None


def calls_in(tree: cst.CSTNode) -> Iterator[cst.Call]:
    """Give every call in a tree."""
    found: list[cst.Call] = []

    class Finder(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:
            found.append(node)

    tree.visit(Finder())
    yield from found
