"""How a service on Connexion 2 adds its contract, and which function answers an operation."""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst

from migrate.meanings import Meanings, argument, calls_in, text_of
from migrate.operations import Operation, each_operation, follow, read_parameters
from migrate.source import Source
from updates.commands import Refused

APPS = re.compile(r"connexion\.(?:.+\.)?(?:App|FlaskApp|AioHttpApp|AsyncApp)")
CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")
RESTY = re.compile(r"^/?([\w-]*)/*(.*)$")


@dataclass
class Adding:
    """What a service tells Connexion when it adds its contract."""

    file: Path = Path()
    base_path: str | None = None
    # Of a resolver: the module that operations are in.
    relative_to: str = ""
    is_resty: bool = False
    # The argument that gets the request.
    context: str = ""
    is_pythonic: bool = False


def read_adding(source: Source, given: Path | None) -> Adding:
    """Find the contract, and what is said of it in code."""
    adding = Adding(context="request" if source.is_aiohttp else "")
    folders: list[str] = [""]
    contracts: list[tuple[Path, str | None]] = []
    for module in source.modules.values():
        meanings = Meanings(module.text, module.name, module.is_package)
        place = Path(module.path).parent
        for call in calls_in(meanings.tree):
            if APPS.fullmatch(meanings.of(call.func)):
                folder = text_of(argument(call, "specification_dir", 2)) or ""
                folders.append(str(place / folder))
            if isinstance(call.func, cst.Attribute) and call.func.attr.value == "add_api":
                contracts.append((place, text_of(argument(call, "specification", 0))))
                _read_options(call, meanings, adding)
    adding.file = given or _find_file(source, folders, contracts)
    return adding


def _read_options(call: cst.Call, meanings: Meanings, adding: Adding) -> None:
    adding.base_path = text_of(argument(call, "base_path")) or adding.base_path
    adding.context = text_of(argument(call, "pass_context_arg_name")) or adding.context
    pythonic = argument(call, "pythonic_params")
    adding.is_pythonic = isinstance(pythonic, cst.Name) and pythonic.value == "True"
    resolver = argument(call, "resolver")
    if isinstance(resolver, cst.Call):
        name = meanings.of(resolver.func).rpartition(".")[2]
        adding.is_resty = name == "RestyResolver"
        if name in ("RestyResolver", "RelativeResolver"):
            adding.relative_to = text_of(argument(resolver, "root_path", 0)) or ""


def _find_file(
    source: Source, folders: list[str], contracts: list[tuple[Path, str | None]]
) -> Path:
    """Return the file that the code names, or else the only one that is a contract."""
    named = {
        (source.folder / base / name).resolve()
        for place, name in contracts
        if name
        for base in (place, *folders)
        if (source.folder / base / name).is_file()
    }
    found = named or {
        file.resolve()
        for file in source.folder.rglob("*")
        if file.suffix in (".yml", ".yaml", ".json")
        and not any(part.startswith(".") for part in file.relative_to(source.folder).parts)
        and re.search(r"^[{\s]*[\"']?(swagger|openapi)[\"']?\s*:", file.read_text("utf-8"), re.M)
    }
    if len(found) != 1:
        names = ", ".join(sorted(str(file) for file in found)) or "none"
        raise Refused(
            f"{source.folder} must have one contract; found: {names}. "
            "Name the one that is meant by --contract FILE."
        )
    return found.pop()


def read_operations(contract: dict[str, Any], adding: Adding, source: Source) -> list[Operation]:
    """Return the operations with what answered them; the contract loses what only that needed."""
    operations = []
    for method, path, item, spec in each_operation(contract):
        dotted = _dotted_name(adding, method, path, item, spec)
        module, function = _split(source, dotted)
        parameters = read_parameters(contract, item, spec)
        if adding.is_pythonic:
            for each in parameters:
                each.old = _pythonic(each.old)
        operation = Operation(method, path, spec, module, function, parameters)
        _read_form(operation)
        operation.is_text = _answers_text(contract, spec)
        operations.append(operation)
    return operations


def _dotted_name(
    adding: Adding, method: str, path: str, item: dict[str, Any], spec: dict[str, Any]
) -> str:
    controllers = [holder.get(name) for holder in (spec, item) for name in CONTROLLERS]
    controller = next((each for each in controllers if each), "")
    if operation_id := spec.get("operationId"):
        place = controller or ("" if adding.is_resty else adding.relative_to)
        return f"{place}.{operation_id}".removeprefix(".")
    resource, rest = RESTY.findall(path)[0]
    place = controller or ".".join(
        [adding.relative_to, *[resource.replace("-", "_")] * bool(resource)]
    )
    name = "search" if method == "get" and resource and not rest else method
    return f"{place}.{name}".removeprefix(".")


def _split(source: Source, dotted: str) -> tuple[str, str]:
    """Split a name into a module of the service and what is in it, if there is such a module."""
    parts = dotted.split(".")
    for size in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:size])
        known = [each for each in source.modules if f".{each}".endswith(f".{name}")]
        if len(known) == 1:
            return known[0], ".".join(parts[size:])
    return "", dotted


def _pythonic(name: str) -> str:
    """Return a name as ``pythonic_params`` of Connexion has it."""
    snake = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name))
    snake = snake.replace("-", "_").lower()
    return f"{snake}_" if hasattr(builtins, snake) else snake


def _read_form(operation: Operation) -> None:
    """Note the fields of a form, each of which was an argument."""
    for each in operation.parameters:
        if each.place == "body" and each.name.startswith(("application/x-www-form", "multipart/")):
            operation.fields = [*each.schema.get("properties", {})]


def _answers_text(contract: dict[str, Any], spec: dict[str, Any]) -> bool:
    """Tell whether success is something else than JSON, as the contract has it."""
    media: list[str] = []
    for status, response in spec.get("responses", {}).items():
        if status.startswith("2"):
            media += follow(contract, response).get("content", {})
    return bool(media) and not any("json" in each or "*" in each for each in media)
