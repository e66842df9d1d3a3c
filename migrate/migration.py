"""The whole way from the old service to the new one."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrate.connexion_apps import read_adding, read_operations
from migrate.contract import copy_parts, finish, read_contract, write_contract
from migrate.marking import REFUSAL, Mark
from migrate.moving import Moved, move_modules
from migrate.operations import Operation
from migrate.places import HANDLERS, UNMOVED, path_of, place_modules
from migrate.reasons import explain
from migrate.report import FILE, Report, find_marks, write_page
from migrate.source import Source, read_source
from migrate.writing import put_in_place, render, require_free, tidy, write


@dataclass
class Wanted:
    """What is asked for."""

    path: Path
    destination: Path
    answers: dict[str, str]
    contract: Path | None
    template: str


def migrate(wanted: Wanted) -> Report:
    """Write the new service; raise ``Refused``, with nothing written, where it cannot be."""
    require_free(wanted.destination)
    source = read_source(wanted.path)
    adding = read_adding(source, wanted.contract)
    assert adding.file
    contract = read_contract(adding.file)
    if adding.base_path:
        contract["servers"] = [{"url": adding.base_path}]
    operations = read_operations(contract, adding, source)
    _require_functions(source, operations)
    places = place_modules(source, operations)
    moved = move_modules(source, operations, places, adding.context)
    stubs = _stub(moved, operations)
    report = Report(wanted.path.name, wanted.destination.name, left=source.left)
    for each in operations:
        new = moved.ids[id(each.spec)]
        report.operations.append((each.where, f"{each.module}.{each.function}".lstrip("."), new))
        if new in moved.halted or new in stubs:
            report.halted.append(f"{each.where}: {new}")
    finish(contract, moved.ids, places)
    with tempfile.TemporaryDirectory(prefix="migrate-") as scratch:
        folder = render(wanted.template, _answers(wanted, source, contract), Path(scratch))
        copy_parts(contract, adding.file.parent, folder)
        write_contract(contract, folder / "api-spec.yml")
        _write_modules(folder, source, moved, places, report)
        report.marks = find_marks(folder)
        (folder / FILE).write_text(write_page(report), "utf-8")
        put_in_place(folder, wanted.destination)
    return report


def _require_functions(source: Source, operations: list[Operation]) -> None:
    """Forget where an operation's function is said to be, if it is not there."""
    for each in operations:
        text = source.modules[each.module].text if each.module else ""
        if not re.search(rf"^(async )?def {re.escape(each.function)}\(", text, re.M):
            each.function = f"{each.module}.{each.function}".lstrip(".")
            each.module = ""


def _stub(moved: Moved, operations: list[Operation]) -> set[str]:
    """Write functions for operations that have none; return their names."""
    lines = ['"""Operations whose functions were not found."""', "from typing import Any"]
    names = set()
    for number, each in enumerate(each for each in operations if not each.module):
        name = f"operation_{number + 1}"
        moved.ids[id(each.spec)] = f"{HANDLERS}.{UNMOVED}.{name}"
        names.add(moved.ids[id(each.spec)])
        lines += [
            f"\n{Mark(each.function, explain('', 'handler'))}",
            f"async def {name}(**_arguments: Any) -> Any:",
            f'    """Answer {each.where}."""',
            f"    {REFUSAL}",
        ]
    if names:
        moved.texts[f"{HANDLERS}.{UNMOVED}"] = "\n".join([*lines, ""])
    return names


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


def _write_modules(
    folder: Path, source: Source, moved: Moved, places: dict[str, str], report: Report
) -> None:
    errors = folder / "app" / "errors.py"
    head = errors.read_text("utf-8").split("\n\n\n")[0].rstrip()
    errors.write_text(f"{head}\n{moved.failures.write()}", "utf-8")
    is_package = any(new.startswith(f"{HANDLERS}.") for new in moved.texts)
    (folder / "app" / "api.py").unlink()
    old = {new: source.modules[name].path for name, new in places.items()}
    for new, text in moved.texts.items():
        path = path_of(new, new in moved.packages and new != HANDLERS)
        write(folder, path, text)
        report.modules.append((old.get(new, ""), path))
    if not is_package and not (folder / "app" / "api.py").exists():
        write(folder, "app/api.py", '"""One async function per operationId of the contract."""\n')
    tidy(folder, ["app/api.py" if not is_package else "app/api", "app/old", "app/errors.py"])


__all__ = ["Wanted", "migrate", "shutil"]
