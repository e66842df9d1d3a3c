"""The files of the contract, as one document whose references all lead into itself."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from yaml import YAMLError

from app.standard.contract.yaml_1_2 import read_yaml
from app.standard.validation import ContractError

# Where the other files stand in the document.
FILES = "x-files"
# What stands below these is a value, and no part of the contract; so is a list of examples.
VALUES = frozenset({"const", "default", "enum", "example", "value"})
# Below these, keys are names that somebody chose.
NAMED = frozenset(
    [
        *("callbacks", "content", "encoding", "examples", "headers", "links", "parameters"),
        *("pathItems", "paths", "properties", "patternProperties", "dependentSchemas"),
        *("requestBodies", "responses", "schemas", "securitySchemes", "webhooks"),
    ]
)
# In a mapping of a discriminator; others are names of schemas.
IS_ADDRESS = re.compile(r"#|\.(?:json|ya?ml)$")


def read_document(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document, with all files that it refers to.

    Raises ``ContractError`` for a file that is missing, or is no YAML.
    """
    files = _Files(path.resolve())
    try:
        document: dict[str, Any] = files.rewrite(_read(path), files.root)
    except RecursionError:
        raise ContractError(f"{path.name}: it is nested without end") from None
    if not isinstance(document, dict):
        raise ContractError(f"{path.name}: a contract must be an object")
    return document | ({FILES: files.others} if files.others else {})


class _Files:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.others: dict[str, Any] = {}

    def rewrite(self, node: Any, file: Path, *, named: bool = False) -> Any:
        """Return a copy of a node of a file, with references that hold in the one document."""
        if isinstance(node, list):
            return [self.rewrite(each, file) for each in node]
        if not isinstance(node, dict):
            return node
        found = {str(key): self._below(str(key), node[key], file, named) for key in node}
        if named:
            return found
        if isinstance(reference := found.get("$ref"), str):
            found["$ref"] = self._local(reference, file)
        chosen = found.get("discriminator")
        if isinstance(chosen, dict) and isinstance(chosen.get("mapping"), dict):
            names = ((k, str(v)) for k, v in chosen["mapping"].items())
            chosen["mapping"] = {
                k: self._local(v, file) if IS_ADDRESS.search(v) else v for k, v in names
            }
        return found

    def _below(self, key: str, node: Any, file: Path, named: bool) -> Any:
        if named:
            return self.rewrite(node, file)
        if key in VALUES or (key == "examples" and isinstance(node, list)):
            return node
        if not key.startswith("x-"):
            return self.rewrite(node, file, named=key in NAMED)
        try:
            return self.rewrite(node, file)
        except ContractError:
            # An extension may mean something else by "$ref".
            return node

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
            try:
                self.others[name] = self.rewrite(_read(target), target)
            except ContractError:
                del self.others[name]
                raise
        escaped = name.replace("~", "~0").replace("/", "~1")
        return f"#/{FILES}/{escaped}{fragment}"


def _read(path: Path) -> Any:
    try:
        return read_yaml(path.read_text("utf-8"))
    except OSError as error:
        raise ContractError(f"{path}: it cannot be read: {error.strerror}") from None
    except (YAMLError, KeyError, RecursionError, ValueError) as error:
        raise ContractError(f"{path.name}: {error}") from None
