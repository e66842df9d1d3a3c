"""The names that a Python file has for those who import it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Names:
    """The names of a module, and its syntax tree, which a broken file lacks."""

    tree: ast.Module | None
    names: frozenset[str] = field(default=frozenset())
    # It has names that only its run can tell.
    is_open: bool = False

    def has(self, name: str) -> bool:
        """Tell whether a name can be imported, as far as the text says."""
        return self.is_open or name in self.names or name.startswith("__")


def read_names(source: bytes) -> Names:
    """Return the names that the text of a module gives."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return Names(None, is_open=True)
    names = frozenset(list_names(tree.body))
    return Names(tree, names, is_open=bool({"*", "__getattr__"} & names))


def list_names(body: list[ast.stmt]) -> Iterator[str]:
    """Give the names that statements bind, with those in their blocks."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                name = alias.asname or alias.name
                yield name.partition(".")[0] if isinstance(node, ast.Import) else name
        else:
            yield from list_bound(node)


def list_bound(node: ast.AST) -> Iterator[str]:
    """Give the names that an assignment, or a block such as ``if``, binds."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        elif isinstance(child, ast.stmt):
            yield from list_names([child])
        elif not isinstance(child, ast.Lambda):
            yield from list_bound(child)
    for name in (getattr(node, "name", None), getattr(node, "rest", None)):
        if isinstance(name, str):
            yield name
    if isinstance(node, ast.Global):
        yield from node.names
