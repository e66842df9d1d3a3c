"""Whether the names that files import are still there after a merge."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from updates.blobs import list_blobs, read_blobs
from updates.meaning.imports import list_attributes, list_imports, list_rebound
from updates.meaning.names import Names, read_names

Missing = tuple[int, str]
# It imports nothing of the service around it.
STANDARD = "app/standard/"


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


def list_missing_names(repository: Path, before: str, after: str, rendered: str = "") -> list[str]:
    """Say which modules and names the files of a tree take from others of it in vain.

    What was missing before is not told, and a file that is no Python is left out.
    """
    old, new = list_sources(repository, before), list_sources(repository, after)
    changed = {path for path, _ in old.items() ^ new.items()}
    if not changed:
        return []
    known = list_standard(new, list_sources(repository, rendered) if rendered else {})
    contents = read_blobs(repository, new.values())
    code = Code({path: contents[name] for path, name in new.items()})
    if not (found := find_all_missing(code, changed, known)):
        return []
    contents = read_blobs(repository, old.values())
    code = Code({path: contents[name] for path, name in old.items()})
    told = {(path, what) for path, _, what in find_all_missing(code, changed)}
    return [
        f"{path}, line {line}: {what}" for path, line, what in found if (path, what) not in told
    ]


def list_sources(repository: Path, tree: str) -> dict[str, str]:
    """Return the Python files of a tree."""
    blobs = list_blobs(repository, tree)
    return {path: name for path, name in blobs.items() if path.endswith(".py")}


def list_standard(merged: Mapping[str, str], rendered: Mapping[str, str]) -> set[str]:
    """Return the files of the standard, if all are as they were rendered: these fit together."""
    standard = {path: name for path, name in rendered.items() if path.startswith(STANDARD)}
    return {*standard} if standard.items() <= merged.items() else set()


def find_all_missing(
    code: Code, changed: set[str], known: Collection[str] = ()
) -> list[tuple[str, int, str]]:
    """Return path, line and what is missing, where a file, or what it may import, changed."""
    words = [module.rpartition(".")[2].encode() for module in map(name_module, changed)]
    folders = {PurePosixPath(path).parent for path in changed if path.endswith("/__init__.py")}
    found = set()
    for module, path in code.paths.items():
        is_near = path in changed or PurePosixPath(path).parent in folders
        if path in known or not (is_near or any(word in code.files[path] for word in words)):
            continue
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
    bound = {each.bound: each.meaning for each in imports if each.meaning in code.modules}
    if not bound:
        return
    for name in list_rebound(tree) & bound.keys():
        del bound[name]
    for node, names in list_attributes(tree):
        module = ".".join([bound.get(names[0], ""), *names[1:-1]])
        if module in code.paths and (missing := code.miss(module, names[-1])):
            yield node.lineno, missing
