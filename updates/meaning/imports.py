"""What a Python file takes from modules: its imports, and the attributes of what it imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

# Who catches these expects that an import may fail.
CAUGHT = {"BaseException", "Exception", "ImportError", "ModuleNotFoundError"}
Node = ast.stmt | ast.expr


@dataclass(frozen=True)
class Import:
    """One name of an import: without a name, it is the module itself that is imported."""

    node: Node
    module: str
    name: str
    # What the file calls it, and what it means by that.
    bound: str
    meaning: str


def list_imports(tree: ast.Module, package: str) -> list[Import]:
    """Return the imports of a file in a package, but for those that may fail."""
    allowed: set[ast.AST] = set()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(map(expects_failure, node.handlers)):
            allowed |= {inner for statement in node.body for inner in ast.walk(statement)}
        elif isinstance(node, ast.Import) and node not in allowed:
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                meaning = alias.name if alias.asname else bound
                found.append(Import(node, alias.name, "", bound, meaning))
        elif isinstance(node, ast.ImportFrom) and node not in allowed:
            module = resolve(node, package)
            for alias in node.names:
                name = alias.name.replace("*", "")
                bound = alias.asname or name
                found.append(Import(node, module, name, bound, f"{module}.{name}"))
    return found


def expects_failure(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler is for an import that may fail."""
    caught = ast.walk(handler.type) if handler.type else ()
    names = {node.id for node in caught if isinstance(node, ast.Name)}
    return handler.type is None or bool(names & CAUGHT)


def resolve(node: ast.ImportFrom, package: str) -> str:
    """Return the module that a statement imports from, wherever it starts to count."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def list_attributes(tree: ast.Module) -> Iterator[tuple[ast.Attribute, list[str]]]:
    """Give each attribute that is read, with the names that lead to it, as in ``a.b.c``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            names, value = [node.attr], node.value
            while isinstance(value, ast.Attribute):
                names.insert(0, value.attr)
                value = value.value
            if isinstance(value, ast.Name):
                yield node, [value.id, *names]


def list_rebound(tree: ast.Module) -> set[str]:
    """Return the names that a file binds by anything else than an import."""
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
    return bound
