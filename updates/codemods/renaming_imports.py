"""Imports whose modules or names change; a file goes on calling them as it did, if it must."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

from updates.codemods.dotted_names import Names


def change_import_from(
    node: cst.ImportFrom, names: Names, package: Sequence[str], text: str
) -> list[cst.ImportFrom]:
    """Return what a statement becomes: one for what stays, and one for each new module."""
    module = resolve(node, package)
    if isinstance(node.names, cst.ImportStar):
        new = names.find(module)
        return [node.with_changes(module=dotted(new), relative=[])] if new else [node]
    kept: list[cst.ImportAlias] = []
    moved: dict[str, list[cst.ImportAlias]] = {}
    for alias in node.names:
        name = str(alias.evaluated_name)
        if new := names.find(f"{module}.{name}"):
            place, _, last = new.rpartition(".")
            moved.setdefault(place, []).append(rename_alias(alias, name, last, text))
        else:
            kept.append(alias)
    if not moved:
        return [node]
    if not kept and len(moved) == 1:
        (place, aliases), *_ = moved.items()
        return [node.with_changes(module=dotted(place), relative=[], names=aliases)]
    first = [node.with_changes(names=end(kept, node.lpar is not None))] * bool(kept)
    return [*first, *(cst.ImportFrom(dotted(place), end(each)) for place, each in moved.items())]


def rename_alias(alias: cst.ImportAlias, old: str, new: str, text: str) -> cst.ImportAlias:
    """Return the part of an import under its new name."""
    if old == new:
        return alias
    renamed = alias.with_changes(name=cst.Name(new))
    if alias.asname or may_change(text, old, new):
        return renamed
    return renamed.with_changes(asname=cst.AsName(cst.Name(old)))


def may_change(text: str, old: str, new: str) -> bool:
    """Tell whether a file may call something otherwise: only its code has the name, once."""
    quoted = rf"""["'][^"'\n]*\b{old}\b[^"'\n]*["']"""
    bound = (
        rf"\b(?:def|class|as|for|global)\s+{old}\b|\b{old}\s*(?::[^=\n]+|:)?=(?!=)|\b{old}\s*:\s"
    )
    return not re.search(rf"{quoted}|{bound}|\b{new}\b", text)


def change_import(node: cst.Import, names: Names) -> cst.Import:
    """Return an import of modules under their new names."""
    aliases = []
    for alias in node.names:
        new = names.find(str(alias.evaluated_name))
        aliases.append(alias.with_changes(name=dotted(new)) if new else alias)
    return node.with_changes(names=aliases)


def list_bound(node: cst.Import | cst.ImportFrom) -> list[str]:
    """Return the names that a file has by an import."""
    if isinstance(node.names, cst.ImportStar):
        return []
    names = (alias.evaluated_alias or alias.evaluated_name for alias in node.names)
    return [str(name).partition(".")[0] for name in names]


def resolve(node: cst.ImportFrom, package: Sequence[str]) -> str:
    """Return the module that a statement imports from, wherever it starts to count."""
    module = get_full_name_for_node(node.module) if node.module else None
    above = package[: len(package) - len(node.relative) + 1] if node.relative else []
    return ".".join([*above, *([module] if module else [])])


def dotted(name: str) -> cst.Name | cst.Attribute:
    """Return the expression of a dotted name."""
    first, *rest = name.split(".")
    expression: cst.Name | cst.Attribute = cst.Name(first)
    for each in rest:
        expression = cst.Attribute(expression, cst.Name(each))
    return expression


def end(aliases: Sequence[cst.ImportAlias], comma: bool = False) -> Sequence[cst.ImportAlias]:
    """Return the parts of an import, with no comma behind the last one where none may be."""
    if comma:
        return aliases
    return [*aliases[:-1], aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
