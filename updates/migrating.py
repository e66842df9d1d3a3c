"""Migrations of code, which releases bring for the old render and for the service."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from updates.commands import Refused
from updates.template import Template
from updates.versions import Target, parse_version

FOLDER, FILE = "updates/migrations", "migration.py"
OURS = Path(__file__).resolve().parent / "migrations"


@dataclass(frozen=True)
class Migration:
    """A change of code that a release brings: its sentence, and what it does to a folder.

    It returns what is left to do, as ``app/api.py: look at it``; done again, it changes nothing.
    """

    name: str
    sentence: str
    migrate: Callable[[Path], Sequence[str]]

    def run(self, folder: Path) -> Sequence[str]:
        """Change the files in a folder; return what is left to do."""
        try:
            return self.migrate(folder)
        except Exception as error:
            raise Refused(f"The migration {self.name} failed: {error!r}") from error


def choose_migrations(
    template: Template, commit: str, target: Target, place: Path
) -> list[Migration]:
    """Return the migrations of the releases after a commit, up to the target, in their order."""
    before = template.version_of(commit) or (0, 0, 0)
    known = list_migrations(template, commit)
    names = [
        name
        for name in list_migrations(template, target.commit)
        if name not in known and (parse_version(name.split("/")[0]) or before) > before
    ]
    return [load(find_file(template, target.commit, name, place), name) for name in names]


def list_migrations(template: Template, commit: str) -> list[str]:
    """Return the names of the migrations that a commit has, such as ``1.3.0/0001-rooms``."""
    listed = template.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, FOLDER)
    paths = [Path(path).relative_to(FOLDER) for path in listed.split("\0") if path]
    names = [str(path.parent) for path in paths if path.name == FILE and len(path.parts) == 3]
    return sorted(names, key=lambda name: (parse_version(name.split("/")[0]) or (), name))


def find_file(template: Template, commit: str, name: str, place: Path) -> Path:
    """Return the file of a migration: ours, which may be mended, or else that of a commit."""
    if (OURS / name / FILE).exists():
        return OURS / name / FILE
    file = place / "migrations" / name / FILE
    file.parent.mkdir(parents=True)
    file.write_text(template.git("show", f"{commit}:{FOLDER}/{name}/{FILE}"), "utf-8")
    return file


def load(file: Path, name: str) -> Migration:
    """Return the migration in a file: the first line says what it does, ``migrate`` does it."""
    try:
        content = runpy.run_path(str(file))
        sentence = content["__doc__"].strip().splitlines()[0]
        return Migration(name, sentence, content["migrate"])
    except Exception as error:
        raise Refused(f"The migration {name} cannot be read: {error!r}") from error
