"""The new service: rendered, filled in a temporary folder, and put in its place when it is whole."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from cookiecutter.exceptions import CookiecutterException

from migrate.moving import Moved
from migrate.places import HANDLERS
from migrate.report import Report
from migrate.source import Source
from updates.commands import Refused
from updates.rendering import heard

ROOT = Path(__file__).parent.parent
RUFF = (sys.executable, "-m", "ruff")


def render(template: str, answers: Mapping[str, str], place: Path) -> Path:
    """Render the template, at its newest commit, below a folder; return where.

    The carried code stands in the place of the sample.
    """
    # It takes a while, and much is refused before.
    import cruft

    context = {**answers, "sample": "none"}
    with heard() as said:
        try:
            folder = cruft.create(template, place, extra_context=context, no_input=True)
        except (CookiecutterException, ValueError) as error:
            said.seek(0)
            why = " ".join(said.read().split()) or error
            raise Refused(f"The template refuses the answers: {why}") from error
    return Path(folder)


def require_questions(answers: Mapping[str, str]) -> None:
    """Refuse an answer to what the template does not ask."""
    questions = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    for name in answers:
        if name not in questions or name.startswith("_"):
            known = ", ".join(each for each in questions if not each.startswith("_"))
            raise Refused(f"There is no question {name}; there are {known}.")


def write(folder: Path, path: str, text: str) -> None:
    """Write a file of the service, and the packages above it."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    for above in file.relative_to(folder).parents[:-1]:
        package = folder / above / "__init__.py"
        if file.suffix == ".py" and not package.exists() and package != file:
            package.write_text(f'"""{_summary(above)}"""\n', "utf-8")
    file.write_text(text, "utf-8")


def _summary(package: Path) -> str:
    if package.parts[:2] == ("app", "api"):
        return "One async function per operationId of the contract."
    return "Modules of the old service; move what is needed, and remove the rest."


def tidy(folder: Path, paths: list[str]) -> None:
    """Format what was carried, mend what ruff mends by itself, and say `noqa` where it cannot."""
    for options in (
        ("check", "--fix-only", "--quiet", "--exit-zero"),
        ("format", "--quiet"),
        ("check", "--add-noqa", "--quiet", "--exit-zero"),
        ("format", "--quiet"),
    ):
        command = [*RUFF, *options, "--no-cache", *paths]
        result = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
        if result.returncode:
            raise Refused(f"ruff cannot read what was carried: {result.stderr.strip()[-600:]}")


def write_modules(
    folder: Path, moved: Moved, source: Source, places: Mapping[str, str], report: Report
) -> None:
    """Write what was carried in the place of the sample, and report it."""
    errors, conftest = folder / "app" / "errors.py", folder / "tests" / "conftest.py"
    head = f"{errors.read_text('utf-8').rstrip()}\n\nfrom app.standard.http import ServiceError"
    errors.write_text(f"{head}\n{moved.failures.write()}", "utf-8")
    plugin = conftest.read_text("utf-8").partition("\n\n")[2]
    (folder / "app" / "api.py").unlink()
    paths = {each.name: each.path for each in (*source.modules.values(), *source.tests)}
    old = {new: paths[name] for name, new in places.items()}
    written = ["app/errors.py"]
    for new, text in moved.texts.items():
        path = _path_of(new, new in moved.packages and new != HANDLERS)
        if not text.strip() and not _is_named(new, moved):
            report.left.append((old[new], "the template does what it did"))
            continue
        if path == "tests/conftest.py":
            text += f"\n\n{plugin}"
        write(folder, path, text)
        written.append(path)
        rows = report.tests if path.startswith("tests/") else report.modules
        rows.append((old.get(new, ""), path))
    if not (folder / "app" / "api").exists() and not (folder / "app" / "api.py").exists():
        write(folder, "app/api.py", '"""One async function per operationId of the contract."""\n')
    tidy(folder, written)


def _path_of(module: str, is_package: bool) -> str:
    return module.replace(".", "/") + ("/__init__.py" if is_package else ".py")


def _is_named(module: str, moved: Moved) -> bool:
    """Tell whether a module, or one in it, is imported."""
    return module in moved.packages or any(module in text for text in moved.texts.values())


def put_in_place(folder: Path, destination: Path) -> None:
    """Move the new service to where it goes; nothing may be there."""
    require_free(destination)
    folder.rename(destination)


def require_free(destination: Path) -> None:
    """Refuse a place where something is, or in a folder that is none."""
    if not destination.parent.is_dir():
        raise Refused(
            f"{destination.parent} is no folder: make it, or name another by --to FOLDER."
        )
    if destination.exists():
        raise Refused(f"{destination} is there already: name another folder by --to FOLDER.")
