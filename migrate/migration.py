"""The whole way from the old service to the new one."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrate.blueprints import read_routes
from migrate.connexion_apps import read_adding
from migrate.contract import (
    copy_parts,
    finish,
    read_contract,
    unchecked_schemes,
    write_contract,
)
from migrate.dependencies import add_dependencies, read_dependencies
from migrate.derived import derive_contract
from migrate.moving import move_modules
from migrate.operations import Operation
from migrate.places import place_modules
from migrate.report import FILE, Report, find_marks, write_page
from migrate.resolving import read_operations
from migrate.source import Source, read_source
from migrate.stubs import require_functions, write_stubs
from migrate.writing import put_in_place, render, require_free, require_questions, write_modules
from updates.commands import Refused

NOTES = (
    "A parameter of the query, or a field of a form, that the contract does not name is a 400.",
    "Failures are problems (RFC 9457), in `application/problem+json`.",
    "Outside production, a response that is not as the contract says is a 500.",
)
OF_FLASK = "A parameter that cannot be read as its type is a 400, where Flask took the default."
GUARDS = (
    "What hooks and middlewares did for every operation, such as to ask who calls, nothing does "
    "now: look at their marks before you serve anybody."
)
UNCHECKED = (
    "Nothing checks the security scheme {} of the contract: what asks for it answers 401 until "
    "the answer use_auth, or a function that the scheme names, does."
)


@dataclass
class Wanted:
    """What is asked for."""

    path: Path
    destination: Path
    answers: dict[str, str]
    contract: Path | None
    template: str


@dataclass
class Known:
    """What the old service says of its operations."""

    contract: dict[str, Any]
    operations: list[Operation]
    # Where the contract is, if it is in a file.
    folder: Path | None = None
    # The argument of handlers that gets the request.
    context: str = ""
    notes: list[str] = field(default_factory=list)


def migrate(wanted: Wanted) -> Report:
    """Write the new service; raise ``Refused``, with nothing written, where it cannot be."""
    require_free(wanted.destination)
    require_questions(wanted.answers)
    source = read_source(wanted.path)
    known = _read_flask(source) if source.framework == "flask" else _read_connexion(source, wanted)
    require_functions(source, known.operations)
    places = place_modules(source, known.operations)
    moved = move_modules(source, known.operations, places, known.context)
    stubs = write_stubs(moved, known.operations)
    report = Report(wanted.path.name, wanted.destination.name, left=source.left)
    report.notes = [*NOTES, *known.notes]
    for each in known.operations:
        new = moved.ids[id(each.spec)]
        report.operations.append((each.where, f"{each.module}.{each.function}".lstrip("."), new))
        if new in moved.halted or new in stubs:
            report.halted.append(f"{each.where}: {new}")
    finish(known.contract, moved.ids, places)
    # Beside the new service: what is whole is renamed, and nothing half-written can be seen.
    place = wanted.destination.parent
    with tempfile.TemporaryDirectory(prefix=".migrate-", dir=place) as scratch:
        answers = _answers(wanted, source, known.contract)
        folder = render(wanted.template, answers, Path(scratch))
        if known.folder:
            copy_parts(known.contract, known.folder, folder)
        write_contract(known.contract, folder / "api-spec.yml")
        found = add_dependencies(folder, read_dependencies(wanted.path))
        report.dependencies = found[0]
        report.left += found[1]
        write_modules(folder, moved, source, places, report)
        report.marks = find_marks(folder)
        if any(re.search(": (hooks|middlewares): ", what) for _, what in report.marks):
            report.warnings.append(GUARDS)
        if wanted.answers.get("use_auth", "false") == "false":
            report.warnings += [
                UNCHECKED.format(each) for each in unchecked_schemes(known.contract)
            ]
        (folder / FILE).write_text(write_page(report), "utf-8")
        put_in_place(folder, wanted.destination)
    return report


def _read_connexion(source: Source, wanted: Wanted) -> Known:
    adding = read_adding(source, wanted.contract)
    contract = read_contract(adding.file)
    if adding.base_path:
        contract["servers"] = [{"url": adding.base_path}]
    operations = read_operations(contract, adding, source)
    return Known(contract, operations, adding.file.parent, adding.context)


def _read_flask(source: Source) -> Known:
    routes = read_routes(source)
    if not routes.found:
        raise Refused(
            f"{source.folder} has no route that can be read: they must be decorators of functions "
            "in modules, as @blueprint.route(...)."
        )
    contract, operations = derive_contract(source, routes)
    source.left += routes.left
    return Known(contract, operations, notes=[OF_FLASK])


def _answers(wanted: Wanted, source: Source, contract: dict[str, Any]) -> dict[str, str]:
    """Return the answers: those that were given, and what the old service tells."""
    info = contract.get("info", {})
    title = re.sub(r'["\\{}]|\s+', " ", str(info.get("title") or wanted.path.name)).strip()[:60]
    told = {
        "service_name": title.strip(),
        "framework": "async" if source.is_aiohttp else "flask",
        **dict.fromkeys(("use_database", "use_csv_export", "use_auth"), "false"),
    }
    email = str(info.get("contact", {}).get("email", ""))
    return told | ({"contact_email": email} if "@" in email else {}) | wanted.answers
