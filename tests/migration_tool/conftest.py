"""The services of these tests, and what the tool makes of them: once in a run of the tests."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from rendering import ROOT

from migration_tool import letters, pets, shop

SERVICES = {"pets": pets.FILES, "letters": letters.FILES, "shop": shop.FILES}
Run = Callable[..., subprocess.CompletedProcess[str]]
# Until the template has the function.
LENT = """

async def run_blocking(function, *args, **kwargs):
    return function(*args, **kwargs)
"""


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
def tool(template: Path) -> Run:
    """Give the tool, with the template as it stands."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "migrate", *arguments, f"--template={template}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")

    return run


@pytest.fixture(scope="session")
def migrated(tool: Run, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Migrated]:
    """Migrate a service when first asked for; the tests that share it only read."""

    @functools.cache
    def migrate(name: str) -> Migrated:
        source = write_files(tmp_path_factory.mktemp(name) / name, SERVICES[name])
        result = tool(source)
        assert result.returncode == 0, result.stderr
        folder = source.with_name(f"{name}-migrated")
        room = folder / "app" / "standard" / "service" / "__init__.py"
        if "run_blocking" not in (text := room.read_text("utf-8")):
            room.write_text(text + LENT, "utf-8")
        return Migrated(source, folder, result.stdout)

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
