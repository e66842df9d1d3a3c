"""The configuration of Renovate in docs/pipelines.md brings an update, run as Renovate runs it.

Renovate writes the new version into the file, runs the commands, and commits what then is not as
in its base branch.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from git import Repo
from rendering import COMBINATIONS, ROOT

from updating.living import NOW, Template, clone, commit, create_service, status

PAGE = (ROOT / "docs" / "pipelines.md").read_text("utf-8")
SERVICES, BOT = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
CONFIGURATION: dict[str, Any] = json.loads(SERVICES)
ALLOWED: list[str] = json.loads(BOT)["allowedCommands"]
STATE = ".cruft.json"


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service that is one release behind."""
    service = create_service(
        template_to_be.folder, NOW, COMBINATIONS["async"], tmp_path / "service"
    )
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.add("service/scripts/new.sh", "#!/bin/sh\n")
    template_to_be.release("99.1.0")
    return service


def renovate(service: Path) -> list[int]:
    """Raise the version and run the commands, as Renovate does; return their exit statuses."""
    (manager,), (rule,) = CONFIGURATION["customManagers"], CONFIGURATION["packageRules"]
    assert re.search(manager["managerFilePatterns"][0].strip("/"), STATE)
    (expression,) = manager["matchStrings"]
    state = service / STATE
    text = state.read_text("utf-8")
    found = re.search(expression.replace("(?<", "(?P<"), text)
    assert found
    assert found["packageName"] == json.loads(text)["template"]
    start, end = found.span("currentValue")
    assert text[start:end] == NOW
    state.write_text(f"{text[:start]}v99.1.0{text[end:]}", "utf-8")
    return [
        run_allowed(command.replace("{{{newValue}}}", "v99.1.0"), service)
        for command in rule["postUpgradeTasks"]["commands"]
    ]


def run_allowed(command: str, service: Path) -> int:
    """Run a command if the bot allows it, without a shell; return its exit status."""
    command = command.replace("{{{baseBranch}}}", "main")
    assert [pattern for pattern in ALLOWED if re.search(pattern, command)]
    return subprocess.run(shlex.split(command), cwd=service).returncode


def test_what_renovate_commits_is_the_update(
    service: Path, run: Callable[..., int], tmp_path: Path
) -> None:
    updated = clone(service, tmp_path / "updated")
    assert run(updated) == 0

    assert renovate(service) == [0, 0, 0]

    assert status(service) == {STATE: " M", "Dockerfile": " M", "scripts/new.sh": "??"}
    with Repo(service) as repository, Repo(updated) as other:
        assert repository.commit("HEAD") == repository.commit("main")
        repository.git.add("--all")
        assert repository.git.write_tree() == other.commit("HEAD").tree.hexsha


def test_renovate_is_told_of_conflicts_which_it_commits(service: Path) -> None:
    file = service / "Dockerfile"
    file.write_text(file.read_text("utf-8").replace("# A number,", "# A big number,"), "utf-8")
    commit(service, "Change the Dockerfile")

    assert renovate(service) == [0, 2, 0]

    assert status(service)["Dockerfile"] == " M"
    assert "<<<<<<< service" in file.read_text("utf-8")


def test_configuration_fits_the_schema_of_renovate(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [str(program), "--builtin-schema=vendor.renovate", str(tmp_path / "renovate.json")]
    faulty = SERVICES.replace('"customType": "regex"', '"customType": "regular"')

    statuses = []
    for text in (SERVICES, faulty):
        (tmp_path / "renovate.json").write_text(text, "utf-8")
        statuses.append(subprocess.run(command, capture_output=True).returncode)

    assert statuses == [0, 1]
