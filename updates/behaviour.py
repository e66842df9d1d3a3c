"""What a service does otherwise after an update: settings, contract, dependencies."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from updates.blobs import list_blobs, read_blobs

Files = Mapping[str, bytes]
# A text, or what an OpenAPI document says.
Values = dict[str, Any]
METHODS = {"delete", "get", "head", "options", "patch", "post", "put", "trace"}
NO_DEFAULT = "must be set"
# What stands there, nobody runs or calls.
TESTS = "tests/"


def describe_behaviour(
    repository: Path, before: str, after: str, undecided: Collection[str] = ()
) -> str:
    """Say what two trees of a service differ in for those who run it and call it, or nothing.

    What an undecided file says, with markers in it or not, nobody knows yet.
    """
    trees = [list_blobs(repository, tree) for tree in (before, after)]
    changed = [dict(trees[0].items() - trees[1].items()), dict(trees[1].items() - trees[0].items())]
    contents = read_blobs(repository, {name for tree in changed for name in tree.values()})
    old, new = (
        {
            path: contents[name]
            for path, name in tree.items()
            if not path.startswith(TESTS) and path not in undecided
        }
        for tree in changed
    )
    kinds: dict[str, Callable[[Files], Values]] = {
        "Settings": list_settings,
        "Contract": list_contract,
        "Dependencies": list_dependencies,
    }
    parts = []
    for title, list_kind in kinds.items():
        lines = [*compare(list_kind(old), list_kind(new))]
        parts += ["\n".join([f"{title}:", *(f"- {line}" for line in lines)])] * bool(lines)
    return "\n\n".join(parts)


def compare(old: Values, new: Values) -> Iterator[str]:
    """Give a line for what is new, gone or otherwise; only texts are short enough to be told."""
    for name in sorted(old | new):
        before, after = old.get(name), new.get(name)
        if name not in old:
            is_told = after and isinstance(after, str)
            yield f"{name} is new: {after}" if is_told else f"{name} is new"
        elif name not in new:
            yield f"{name} is gone"
        elif before != after:
            is_text = isinstance(before, str) and isinstance(after, str)
            yield f"{name} was {before}, is {after}" if is_text else f"{name} is changed"


def list_settings(files: Files) -> Values:
    """Return the fields of classes of settings, with their defaults."""
    found: Values = {}
    for path, text in files.items():
        if path.endswith(".py") and b"Settings" in text:
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError):
                continue
            constants = {
                node.targets[0].id: node.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and any(map(is_settings, node.bases)):
                    found |= list_fields(node, constants)
    return found


def is_settings(base: ast.expr) -> bool:
    """Tell whether a class is one of settings, by the name of its base."""
    return ast.unparse(base).endswith("Settings")


def list_fields(node: ast.ClassDef, constants: Mapping[str, ast.expr]) -> Values:
    """Return the fields that a class declares, with their defaults."""
    fields: Values = {}
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            value = each.value
            if isinstance(value, ast.Call) and ast.unparse(value.func).endswith("Field"):
                named = (word.value for word in value.keywords if word.arg == "default")
                value = next(named, value.args[0] if value.args else None)
            if isinstance(value, ast.Name):
                value = constants.get(value.id, value)
            fields[each.target.id] = ast.unparse(value) if value else NO_DEFAULT
    return fields


def list_contract(files: Files) -> Values:
    """Return the operations and the schemas of OpenAPI documents."""
    found: Values = {}
    for path, text in files.items():
        if path.endswith((".yml", ".yaml")) and b"\npaths:" in b"\n" + text:
            try:
                document = yaml.safe_load(text)
                found |= dict(list_parts(document))
            except (AttributeError, TypeError, ValueError, yaml.YAMLError):
                continue
    return found


def list_parts(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give each operation and each schema of a document."""
    for path, item in (document.get("paths") or {}).items():
        for method in METHODS & {*item}:
            yield f"{method.upper()} {path}", item[method]
    for name, schema in ((document.get("components") or {}).get("schemas") or {}).items():
        yield f"the schema {name}", schema


def list_dependencies(files: Files) -> Values:
    """Return what a pyproject.toml depends on, with the versions."""
    try:
        project = tomllib.loads(files.get("pyproject.toml", b"").decode())
        groups = [project.get("project", {}).get("dependencies", [])]
        groups += project.get("dependency-groups", {}).values()
        lines = [line for group in groups for line in group if isinstance(line, str)]
    except (AttributeError, TypeError, ValueError):
        return {}
    matches = (re.match(r"([\w.-]+)(.*)", line) for line in lines)
    return {match[1]: match[2] for match in matches if match}
