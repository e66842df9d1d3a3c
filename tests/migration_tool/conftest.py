"""The services of these tests, and what the tool makes of them: once in a run of the tests."""

from __future__ import annotations

import functools
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from browsing import missing
from filelock import FileLock

from migrate.__main__ import main
from migration_tool import letters, pets, shop

SERVICES = {"pets": pets.FILES, "letters": letters.FILES, "shop": shop.FILES}
Tool = Callable[..., tuple[int, str, str]]
Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Migrated:
    """A service before and after, and what the tool printed."""

    source: Path
    folder: Path
    output: str


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a service."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def npm() -> None:
    """Have npm, which contracts of Swagger 2 need; without it, skip or fail."""
    if not shutil.which("npm"):
        missing("npm")


@pytest.fixture(scope="session")
def tool(template: Path) -> Tool:
    """Give the tool, with the template as it stands: exit status, what it printed, complaints."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        given = [*map(str, arguments), f"--template={template}"]
        printed, complaint = io.StringIO(), io.StringIO()
        with redirect_stdout(printed), redirect_stderr(complaint):
            status = main(given)
        return status, printed.getvalue(), complaint.getvalue()

    return run


@pytest.fixture(scope="session")
def migrated(npm: None, tool: Tool, folder_of_the_run: Path) -> Callable[[str], Migrated]:
    """Migrate a service when first asked for, once for all workers; tests only read."""
    place = folder_of_the_run / "moved"
    place.mkdir(exist_ok=True)

    @functools.cache
    def migrate(name: str) -> Migrated:
        source, folder = place / name, place / f"{name}-migrated"
        printed = place / f"{name}.txt"
        with FileLock(f"{printed}.lock"):
            if not printed.exists():
                status, output, complaint = tool(write_files(source, SERVICES[name]))
                assert (status, complaint) == (0, "")
                printed.write_text(output, "utf-8")
        return Migrated(source, folder, printed.read_text("utf-8"))

    return migrate


@pytest.fixture(scope="session")
def run_in(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Give a function that runs a module in a new service, which has all that it needs here."""
    caches = tmp_path_factory.mktemp("caches")
    variables = {k: v for k, v in os.environ.items() if k != "ENVIRONMENT"} | {
        "MYPY_CACHE_DIR": str(caches / "mypy"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "RUFF_CACHE_DIR": str(caches / "ruff"),
    }

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, encoding="utf-8"
        )

    return run
