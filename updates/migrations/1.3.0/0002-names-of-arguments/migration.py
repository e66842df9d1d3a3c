"""Arguments of handlers keep what separates the words of a parameter: pagesize is page_size."""

import keyword
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from updates.codemods.renaming_arguments import rename_arguments_in_code


def migrate(folder: Path) -> list[str]:
    """Rename the arguments of the operations in the contracts of a folder."""
    left = []
    for file in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        try:
            operations = [*list_operations(yaml.safe_load(file.read_bytes()))]
        except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError):
            continue
        for operation, names in operations:
            left += rename(folder, operation, names)
    return left


def list_operations(contract: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each operationId whose arguments have other names now, with the old and the new."""
    known = contract.get("components", {}).get("parameters", {})
    for item in contract["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            listed = [*item.get("parameters", []), *operation.get("parameters", [])]
            found = [known.get(str(each.get("$ref")).split("/")[-1], each) for each in listed]
            names = [each["name"] for each in found if each.get("in") in ("path", "query")]
            pairs = {name_before(name): name_now(name) for name in names}
            if changed := {old: new for old, new in pairs.items() if old and old != new}:
                yield str(operation["operationId"]), changed


def name_before(name: str) -> str:
    """Return the argument that Connexion made of a parameter."""
    return re.sub("^[^a-zA-Z_]+", "", re.sub("[^0-9a-zA-Z_]", "", name.replace("[", "_")))


def name_now(name: str) -> str:
    """Return the argument that the engine makes of a parameter."""
    if not name.isidentifier():
        name = re.sub(r"\W+", "_", name).rstrip("_") or "_"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def rename(folder: Path, operation: str, names: dict[str, str]) -> list[str]:
    """Rename the arguments of one operation; return what is left to do."""
    module, _, function = operation.rpartition(".")
    path = f"{module.replace('.', '/')}.py"
    text = (folder / path).read_text("utf-8") if (folder / path).exists() else ""
    changed = rename_arguments_in_code(text, function, names)
    if changed != text:
        (folder / path).write_text(changed, "utf-8")
        return []
    if all(re.search(rf"\b{new}\b", text) for new in names.values()):
        return []
    told = ", ".join(f"{old} is {new}" for old, new in names.items())
    return [f"{path}: the arguments of {function} have other names: {told}"]
