"""A release takes no public name, setting or answer away without a migration."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from git import Repo
from rendering import ROOT, SERVICE

from updates.behaviour import list_settings
from updates.blobs import list_blobs, read_blobs
from updates.codemods import rename_setting
from updates.meaning import Code, find_all_missing
from updates.migrated import read, write
from updates.migrating import FILE, OURS, Migration, load
from updates.versions import parse_version
from updating.conftest import RELEASES

Files = Mapping[str, bytes]
LAST, COMMIT = [*RELEASES.items()][-1]
PROBE = "app/probe.py"


def read_release() -> dict[str, bytes]:
    """Return the files of the template folder in the last release that is listed."""
    blobs = list_blobs(ROOT, f"{COMMIT}:{SERVICE.name}")
    contents = read_blobs(ROOT, blobs.values())
    return {path: contents[name] for path, name in blobs.items()}


def read_now() -> dict[str, bytes]:
    """Return the files of the template folder."""
    return {path: text for path, text in read(SERVICE).items() if "__pycache__" not in path}


def list_migrations() -> list[Migration]:
    """Return the migrations of the release to come."""
    names = [str(file.parent.relative_to(OURS)) for file in sorted(OURS.rglob(FILE))]
    last = parse_version(LAST) or (0, 0, 0)
    after = [name for name in names if (parse_version(name.split("/")[0]) or last) > last]
    return [load(OURS / name / FILE, name) for name in after]


def list_public_names(files: Files) -> Iterator[tuple[str, str]]:
    """Give module and name of what rooms, and the modules beside them, give to teams."""
    for path, text in files.items():
        parts = Path(path).parts
        if parts[:2] == ("app", "standard") and (parts[-1] == "__init__.py" or len(parts) == 3):
            module = ".".join(parts).removesuffix(".py").removesuffix(".__init__")
            for node in ast.parse(text).body:
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("app."):
                    yield from ((module, alias.asname or alias.name) for alias in node.names)
                elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield module, node.name


def find_lost_names(old: Files, new: Files, migrations: list[Migration], place: Path) -> list[str]:
    """Return the public names that a team would look for in vain, and is not told of."""
    names = [*list_public_names(old)]
    text = "".join(f"from {module} import {name}\n" for module, name in names)
    write(place, {PROBE: text.encode()})
    steps = [step for migration in migrations for step in migration.run(place)]
    files = {path: text for path, text in new.items() if path.endswith(".py")} | read(place)
    missing = [what for _, _, what in find_all_missing(Code(files), {PROBE})]
    return [what for what in missing if not any(tell(what) in step for step in steps)]


def tell(missing: str) -> str:
    """Return how a step names what is missing."""
    module, _, name = missing.partition(" has no ")
    return f"{module}.{name} is gone" if name else missing.rpartition(" ")[2]


def find_lost_settings(
    old: Files, new: Files, migrations: list[Migration], place: Path
) -> list[str]:
    """Return the settings that a team would set in vain."""
    names = sorted(list_settings(old))
    write(place, {PROBE: "".join(f"settings.{name}\n" for name in names).encode()})
    steps = [step for migration in migrations for step in migration.run(place)]
    lines = (place / PROBE).read_text("utf-8").split()
    lost = {line.removeprefix("settings.") for line in lines} - list_settings(new).keys()
    return sorted(name for name in lost if not any(name in step for step in steps))


def test_no_public_name_is_lost(tmp_path: Path) -> None:
    old = read_release()
    assert ("app.standard.http", "ServiceError") in list_public_names(old)

    assert find_lost_names(old, read_now(), list_migrations(), tmp_path) == []


def test_lost_name_would_be_found(tmp_path: Path) -> None:
    old = read_release()
    without = {path: text.replace(b"ServiceError", b"ServiceFault") for path, text in old.items()}

    assert find_lost_names(old, without, [], tmp_path) == [
        "app.standard.errors has no ServiceError",
        "app.standard.http has no ServiceError",
    ]


def test_renamed_name_with_a_migration_is_not_lost(tmp_path: Path) -> None:
    old = read_release()
    new = {path: text.replace(b"ServiceError", b"ServiceFault") for path, text in old.items()}
    text = '''"""A fault."""
from updates.codemods import rename
NAMES = {f"app.standard.{room}.ServiceError": f"app.standard.{room}.ServiceFault" for room in ("http", "errors")}
def migrate(folder):
    return rename(folder, NAMES)
'''
    (tmp_path / FILE).write_text(text, "utf-8")

    migrations = [load(tmp_path / FILE, "99.0.0/0001-fault")]

    assert find_lost_names(old, new, migrations, tmp_path / "probe") == []


def test_no_setting_is_lost(tmp_path: Path) -> None:
    old = read_release()
    assert {"log_level", "database_url"} <= list_settings(old).keys()

    assert find_lost_settings(old, read_now(), list_migrations(), tmp_path) == []


def test_lost_setting_would_be_found_unless_it_is_renamed(tmp_path: Path) -> None:
    old = read_release()
    new = {path: text.replace(b"log_level", b"level_of_logs") for path, text in old.items()}

    assert find_lost_settings(old, new, [], tmp_path / "lost") == ["log_level"]

    renamed = Migration("", "", lambda folder: rename_setting(folder, "log_level", "level_of_logs"))
    assert find_lost_settings(old, new, [renamed], tmp_path / "kept") == []


def test_no_answer_is_lost() -> None:
    with Repo(ROOT) as repository:
        old: dict[str, Any] = json.loads(repository.git.show(f"{COMMIT}:cookiecutter.json"))
    new: dict[str, Any] = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))

    assert [name for name in old if name not in new] == []
    choices = {name: {*value} for name, value in old.items() if isinstance(value, list)}
    assert {name: left for name, known in choices.items() if (left := known - {*new[name]})} == {}
