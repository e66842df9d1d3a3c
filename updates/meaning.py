"""Whether the names that files import are still there after a merge."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from updates.blobs import list_blobs, read_blobs
from updates.imports import list_attributes, list_imports, list_rebound
from updates.names import Names, read_names

Missing = tuple[int, str]


class Code:
    """The Python files of a tree, which are parsed when they are asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.paths = {name_module(path): path for path in sorted(files)}
        folders = {folder for path in files for folder in PurePosixPath(path).parents}
        self.modules = {*self.paths, *(str(folder).replace("/", ".") for folder in folders)}
        self.known: dict[str, Names] = {}

    def names(self, module: str) -> Names:
        """Return the names of a module."""
        if module not in self.known:
            self.known[module] = read_names(self.files[self.paths[module]])
        return self.known[module]

    def owns(self, module: str) -> bool:
        """Tell whether a module must be in the tree: a folder alone does not hide a library."""
        return module.partition(".")[0] in self.paths

    def miss(self, module: str, name: str) -> str:
        """Say what is missing for a module, and a name of it if one is given, or nothing."""
        if module not in self.modules:
            return f"there is no module {module}"
        if not name or f"{module}.{name}" in self.modules:
            return ""
        known = module in self.paths and self.names(module).has(name)
        return "" if known else f"{module} has no {name}"


def name_module(path: str) -> str:
    """Return the name by which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def list_missing_names(repository: Path, before: str, after: str) -> list[str]:
    """Say which modules and names the files of a tree take from others of it in vain.

    What was missing before is not told, and a file that is no Python is left out.
    """
    trees = [
        {path: name for path, name in list_blobs(repository, tree).items() if path.endswith(".py")}
        for tree in (before, after)
    ]
    changed = {path for path, _ in trees[0].items() ^ trees[1].items()}
    if not changed:
        return []
    contents = read_blobs(repository, {name for tree in trees for name in tree.values()})
    old, new = ({path: contents[name] for path, name in tree.items()} for tree in trees)
    found = find_all_missing(Code(new), changed)
    known = (
        {(path, what) for path, _, what in find_all_missing(Code(old), changed)} if found else {}
    )
    return [
        f"{path}, line {line}: {what}" for path, line, what in found if (path, what) not in known
    ]


def find_all_missing(code: Code, changed: set[str]) -> list[tuple[str, int, str]]:
    """Return path, line and what is missing, where a file, or what it may import, changed."""
    words = [module.rpartition(".")[2].encode() for module in map(name_module, changed)]
    folders = {PurePosixPath(path).parent for path in changed if path.endswith("/__init__.py")}
    found = set()
    for module, path in code.paths.items():
        text = code.files[path]
        if (
            path in changed
            or PurePosixPath(path).parent in folders
            or any(w in text for w in words)
        ):
            package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
            if tree := code.names(module).tree:
                found |= {(path, *each) for each in find_missing(tree, package, code)}
    return sorted(found)


def find_missing(tree: ast.Module, package: str, code: Code) -> Iterator[Missing]:
    """Give the line, and what is missing, of each import and attribute that finds nothing."""
    imports = [each for each in list_imports(tree, package) if code.owns(each.module)]
    for each in imports:
        if missing := code.miss(each.module, each.name):
            yield each.node.lineno, missing
    bound = {each.bound: each.meaning for each in imports if each.bound}
    for name in list_rebound(tree) & bound.keys():
        del bound[name]
    for node, names in list_attributes(tree) if bound else ():
        module = bound.get(names[0], "")
        for name in names[1:-1]:
            module += f".{name}"
        if module in code.paths and (missing := code.miss(module, names[-1])):
            yield node.lineno, missing
