"""The contract: read as the old service did, and written as the template reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from migrate.operations import each_operation
from migrate.upgrading import upgrade
from updates.commands import Refused

ONLY_MEANWHILE = (
    "x-openapi-router-controller",
    "x-swagger-router-controller",
    "x-body-name",
    "x-migrate-type",
)
# What YAML 1.2 reads as a number where YAML 1.1 has a text.
LIKE_A_NUMBER = re.compile(r"[-+.0-9]")
TO_BE_WRITTEN = "migrate: to be written"


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.1, as Connexion 2 did, but leaves dates as they are written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith(":timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else '"' if LIKE_A_NUMBER.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def read_yaml(file: Path) -> Any:
    """Return what a file of YAML or JSON holds, with texts for keys."""
    text = file.read_text("utf-8")
    if re.search(r"\{%|\{\{", text):
        raise Refused(
            f"{file} is a template of Jinja, which Connexion fills in: "
            "write out what it stands for, in a copy, and name that by --contract FILE."
        )
    try:
        # It makes plain data, as the SafeLoader that it is.
        return _with_texts_for_keys(yaml.load(text, _Loader))  # noqa: S506
    except yaml.YAMLError as error:
        raise Refused(f"{file} is no YAML: {error}") from error


def _with_texts_for_keys(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _with_texts_for_keys(each) for key, each in node.items()}
    return [_with_texts_for_keys(each) for each in node] if isinstance(node, list) else node


def read_contract(file: Path) -> dict[str, Any]:
    """Return a contract as one of OpenAPI 3.0.3."""
    contract = read_yaml(file)
    if not isinstance(contract, dict) or not isinstance(contract.get("paths"), dict):
        raise Refused(f"{file} is no contract: it has no paths.")
    version = str(contract.get("swagger") or contract.get("openapi") or "none")
    outside = sorted(set(_references(contract)))
    if version == "2.0":
        if outside:
            raise Refused(
                f"{file} has references into other files, as {outside[0]}: put what they name "
                "into one file, and name that by --contract FILE."
            )
        return upgrade(contract)
    if not version.startswith("3.0."):
        raise Refused(f"{file} must be Swagger 2.0 or OpenAPI 3.0; its version is {version}.")
    return {**contract, "openapi": "3.0.3"}


def _references(node: Any) -> list[str]:
    """Return the references that lead out of the document."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            return [] if reference.startswith("#") else [reference]
        return [each for value in node.values() for each in _references(value)]
    return [each for value in node for each in _references(value)] if isinstance(node, list) else []


def copy_parts(contract: dict[str, Any], source: Path, destination: Path) -> None:
    """Copy the files that a contract refers to, from where it is to where it goes."""
    for reference in _references(contract):
        path = reference.partition("#")[0]
        file, copy = source / path, destination / path
        if ":" in path or copy.exists():
            continue
        if not file.is_file() or ".." in Path(path).parts:
            raise Refused(f"The contract refers to {path}, which is no file beside it.")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text("utf-8"), "utf-8")
        copy_parts(read_yaml(file), file.parent, copy.parent)


def finish(contract: dict[str, Any], ids: dict[int, str], modules: dict[str, str]) -> None:
    """Give operations their new ids, and functions of the security their new names."""
    for _, _, _, spec in each_operation(contract):
        spec["operationId"] = ids[id(spec)]
    _strip(contract)
    for scheme in contract.get("components", {}).get("securitySchemes", {}).values():
        for name, value in scheme.items():
            if re.fullmatch(r"x-\w+Func", name):
                module, _, function = str(value).rpartition(".")
                scheme[name] = f"{modules.get(module, module)}.{function}"


def unchecked_schemes(contract: dict[str, Any]) -> list[str]:
    """Return the security schemes that name no function which checks them."""
    schemes = contract.get("components", {}).get("securitySchemes", {})
    return [
        name
        for name, scheme in schemes.items()
        if not any(re.fullmatch(r"x-\w+Func", each) for each in scheme)
    ]


def _strip(node: Any) -> None:
    """Remove what only Connexion 2 and this tool read."""
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _strip(each)
    for name in ONLY_MEANWHILE if isinstance(node, dict) else ():
        node.pop(name, None)


def write_contract(contract: dict[str, Any], file: Path) -> None:
    """Write a contract as YAML, which means the same in YAML 1.1 and 1.2."""
    text = yaml.dump(contract, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    file.write_text(text, "utf-8")
