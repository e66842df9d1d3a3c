"""The files of the contract, as one document whose references all lead into itself."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from yaml import YAMLError

from app.standard.contract.yaml_1_2 import read_yaml
from app.standard.validation import ContractError

# Where the other files stand in the document.
FILES = "x-files"
# What stands below these is a value, and no part of the contract.
VALUES = frozenset({"const", "default", "enum", "example"})


def read_document(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document, with all files that it refers to.

    Raises ``ContractError`` for a file that is missing, or is no YAML.
    """
    files = _Files(path.resolve())
    document: dict[str, Any] = files.rewrite(_read(path), files.root)
    if not isinstance(document, dict):
        raise ContractError(f"{path.name}: a contract must be an object")
    return document | ({FILES: files.others} if files.others else {})


class _Files:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.others: dict[str, Any] = {}

    def rewrite(self, node: Any, file: Path) -> Any:
        """Return a copy of a node of a file, with references that hold in the one document."""
        if isinstance(node, list):
            return [self.rewrite(each, file) for each in node]
        if not isinstance(node, dict):
            return node
        found = {
            str(key): value if key in VALUES else self.rewrite(value, file)
            for key, value in node.items()
        }
        if isinstance(reference := found.get("$ref"), str):
            found["$ref"] = self._local(reference, file)
        if isinstance(chosen := found.get("discriminator"), dict) and "mapping" in chosen:
            names = chosen["mapping"].items()
            chosen["mapping"] = {k: self._local(v, file) if "#" in v else v for k, v in names}
        return found

    def _local(self, reference: str, file: Path) -> str:
        address, _, fragment = reference.partition("#")
        target = Path(os.path.normpath(file.parent / unquote(address))) if address else file
        if target == self.root:
            return f"#{fragment}"
        if urlsplit(address).scheme:
            raise ContractError(f"$ref {reference}: only files beside the contract are read")
        name = os.path.relpath(target, self.root.parent)
        if name not in self.others:
            self.others[name] = {}
            self.others[name] = self.rewrite(_read(target), target)
        escaped = name.replace("~", "~0").replace("/", "~1")
        return f"#/{FILES}/{escaped}{fragment}"


def _read(path: Path) -> Any:
    try:
        return read_yaml(path.read_text("utf-8"))
    except OSError as error:
        raise ContractError(f"{path}: it cannot be read: {error.strerror}") from None
    except (YAMLError, KeyError, RecursionError, ValueError) as error:
        raise ContractError(f"{path.name}: {error}") from None
