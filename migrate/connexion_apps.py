"""How a service on Connexion 2 adds its contract, and which function answers an operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from migrate.meanings import Meanings, argument, calls_in, text_of
from migrate.source import Source
from updates.commands import Refused

APPS = re.compile(r"connexion\.(?:.+\.)?(?:App|FlaskApp|AioHttpApp|AsyncApp)")


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
    adding.is_pythonic |= isinstance(pythonic, cst.Name) and pythonic.value == "True"
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
        for base in (str(place), *folders)
        if (source.folder / base / name).is_file()
    }
    found = named or {
        file.resolve()
        for file in source.folder.rglob("*")
        if file.suffix in (".yml", ".yaml", ".json")
        and not any(part.startswith(".") for part in file.relative_to(source.folder).parts)
        and re.search(
            r"^[{\s]*[\"']?(swagger|openapi)[\"']?\s*:", file.read_text("utf-8", "replace"), re.M
        )
    }
    if len(found) != 1:
        names = ", ".join(sorted(str(file) for file in found)) or "none"
        raise Refused(
            f"{source.folder} must have one contract; found: {names}. "
            "Name the one that is meant by --contract FILE."
        )
    return found.pop()
