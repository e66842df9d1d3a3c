"""A template of three releases, services of each, and the command that looks at them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rendering import ROOT

from fleet.example import (
    BETWEEN,
    BRANCH,
    NEW,
    OLD,
    RELEASES,
    commit,
    edit,
    make_service,
    make_template,
)
from fleet.services import Listed
from updates.template import Template

SECRET = "s3cr3t"  # noqa: S105
UNREACHABLE = f"http://robot:{SECRET}@127.0.0.1:1/gone.git"
Entry = dict[str, str]
KINDS: dict[str, dict[str, str | bool]] = {
    "full": {"framework": "flask"},
    "small": {
        "framework": "async",
        "use_database": False,
        "use_csv_export": False,
        "use_auth": False,
    },
    "export": {"framework": "flask", "use_auth": False},
    "open": {"framework": "async", "use_csv_export": False, "use_auth": False},
}


@dataclass
class Fleet:
    """Where the template is, and the services by name."""

    template: Path
    services: Path
    entries: dict[str, Entry] = field(default_factory=dict)

    def listed(self, name: str) -> Listed:
        """Return a service as the list has it."""
        return Listed(**self.entries[name])

    def copy(self, name: str, new: str) -> Path:
        """Copy a service, list the copy, and return its folder."""
        folder = self.services / new
        shutil.copytree(self.entries[name]["url"], folder)
        self.entries[new] = {"name": new, "url": str(folder)}
        return folder


def build(place: Path) -> Fleet:
    """Build a fleet of more than twenty services, that teams have edited."""
    fleet = Fleet(make_template(place / "template"), place / "services")
    for kind, answers in KINDS.items():
        for release in RELEASES:
            name = f"{kind}-{release}"
            made = make_service(
                fleet.template, release, {"service_name": kind, **answers}, place / name
            )
            fleet.entries[name] = {"name": name, "url": str(made)}
    for name in [*fleet.entries][:9]:
        folder = fleet.copy(name, f"edited-{name}")
        edit(folder, "Dockerfile", "EXPOSE", "# Ours.\nEXPOSE")
        edit(folder, "app/api.py", "async def", "# Ours.\nasync def")
        edit(folder, ".env.example", "ENVIRONMENT=", "OURS=1\nENVIRONMENT=")
    folder = fleet.copy(f"full-{OLD}", "conflict")
    edit(folder, "Dockerfile", f"# The image of {OLD}.", "# Our image.")
    fleet.copy(f"full-{NEW}", "follows-a-branch")
    fleet.entries["follows-a-branch"]["channel"] = BRANCH
    folder = fleet.copy(f"full-{BETWEEN}", "plain")
    (folder / ".cruft.json").unlink()
    commit(folder, "Leave the template")
    fleet.entries["gone"] = {"name": "gone", "url": UNREACHABLE}
    return fleet


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "fleet"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def fleet(shared: Path) -> Fleet:
    """Build the fleet once; the tests that share it only read."""
    note = shared / "fleet.json"
    with FileLock(shared / "fleet.lock"):
        if not note.exists():
            note.write_text(json.dumps(build(shared).entries), "utf-8")
    return Fleet(shared / "template", shared / "services", json.loads(note.read_text("utf-8")))


@pytest.fixture(scope="session")
def template_clone(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Open the template for rehearsals in this process."""
    place = tmp_path_factory.mktemp("clone")
    return Template(str(fleet.template), place / "template.git", place / "renders")


@pytest.fixture
def own(fleet: Fleet, tmp_path: Path) -> Fleet:
    """Return a fleet whose services, copied on demand, a test may change."""
    return Fleet(fleet.template, tmp_path, dict(fleet.entries))


@pytest.fixture
def fake_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace uv, and so the checks of services: they are red or hang where a file says so."""
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    hang = "test -e HANG && sleep 1000"
    says = f"echo at https://me:{SECRET}@host"
    program.write_text(f"#!/bin/sh\n{says}\n{hang}\n! test -e RED\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def redden(service: Path, how: str = "RED") -> None:
    """Commit what makes the checks of a service red, or hang."""
    (service / how).touch()
    commit(service, "Break it")


def break_state(service: Path, text: str) -> None:
    """Commit another .cruft.json."""
    (service / ".cruft.json").write_text(text, "utf-8")
    commit(service, "Break the state")


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the command for some services; whatever it prints is without secrets."""

    def run_fleet(entries: list[Entry], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        file = tmp_path_factory.mktemp("list") / "cruft.json"
        file.write_text(json.dumps({"services": entries}), "utf-8")
        command = [sys.executable, "-m", "fleet", f"--services={file}", *arguments]
        finished = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
        assert SECRET not in finished.stdout + finished.stderr
        return finished

    return run_fleet
