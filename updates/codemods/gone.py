"""Names that a release takes away without another one: where a team uses them is told."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from updates.meaning.imports import list_attributes, list_imports

# Their files come with the release.
OWN = ("app/standard/", "tests/standard/")


def list_uses(folder: Path, names: Mapping[str, str]) -> list[str]:
    """Say which files use names that are gone, by their dotted names, and what to do instead."""
    steps = []
    for file in sorted(folder.rglob("*.py")):
        path = str(file.relative_to(folder))
        text = file.read_bytes()
        words = {name.rpartition(".")[2].encode() for name in names}
        if not path.startswith(OWN) and any(word in text for word in words):
            steps += [
                f"{path}: {name} is gone: {names[name]}" for name in find(text, path) & {*names}
            ]
    return sorted(steps)


def find(text: bytes, path: str) -> set[str]:
    """Return the dotted names of all that a file imports, or uses of what it imports."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return set()
    package = ".".join(Path(path).parent.parts)
    imports = list_imports(tree, package)
    bound = {each.bound: each.meaning for each in imports}
    used = {
        ".".join([bound[names[0]], *names[1:]])
        for _, names in list_attributes(tree)
        if names[0] in bound
    }
    return {
        each.meaning if not each.name else f"{each.module}.{each.name}" for each in imports
    } | used
