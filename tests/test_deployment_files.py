"""What stands around the code of a service passes the checks of its own kind."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from interpreters import OUR_PYTHON
from rendering import COMBINATIONS, ROOT

from examples.serving import free_port, serving

# They come in wheels, the schemas of check-jsonschema too: none of them needs a network.
CFN_LINT = ["cfn-lint"]
HADOLINT = ["hadolint"]
SHELLCHECK = ["shellcheck", "--norc"]
COMPOSE = ["check-jsonschema", "--builtin-schema=vendor.compose-spec"]
GITLAB = ["check-jsonschema", "--builtin-schema=vendor.gitlab-ci"]
GITHUB = ["check-jsonschema", "--builtin-schema=vendor.github-workflows"]

SCRIPT = "scripts/qa_commands.sh"
SCRIPTS = [
    f"scripts/{name}.sh"
    for name in ("build_lambda", "deploy", "deploy_lambda", "release", "release_lambda")
]
TEMPLATES = ["deploy/lambda/image.yaml", "deploy/lambda/zip.yaml"]
CHECKS = {
    "Dockerfile": HADOLINT,
    "development/provider/Dockerfile": HADOLINT,
    SCRIPT: SHELLCHECK,
    "compose.yaml": COMPOSE,
    "compose.test.yaml": COMPOSE,
    "compose.production.yaml": COMPOSE,
    "deploy/compose/backup.sh": SHELLCHECK,
    "deploy/compose/restore.sh": SHELLCHECK,
    ".gitlab-ci.yml": GITLAB,
    ".github/workflows/pipeline.yml": GITHUB,
    ".github/workflows/template-update.yml": GITHUB,
    **dict.fromkeys(SCRIPTS, SHELLCHECK),
    **dict.fromkeys(TEMPLATES, CFN_LINT),
}
# One fault for each kind of file: what stands there, and what takes its place.
FAULTS = {
    "Dockerfile": ("USER 10001:10001", "USER root"),
    "development/provider/Dockerfile": ("oidc-provider@", "oidc-provider #@"),
    SCRIPT: ('"$(dirname "$0")/.."', "$(dirname $0)/.."),
    "compose.yaml": ("read_only:", "readonly:"),
    "compose.test.yaml": ("target: test", "targets: test"),
    "compose.production.yaml": ("read_only:", "readonly:"),
    "deploy/compose/backup.sh": ('"$BACKUP_FOLDER"/', "$BACKUP_FOLDER/"),
    "deploy/compose/restore.sh": ('"$PGPASSWORD_FILE"', "$PGPASSWORD_FILE"),
    ".gitlab-ci.yml": ("extends: .uv", "extend: .uv"),
    ".github/workflows/pipeline.yml": ("needs: [contract, lint, test]", "need: [lint, test]"),
    ".github/workflows/template-update.yml": ("runs-on:", "run-on:"),
    **dict.fromkeys(SCRIPTS, ('"$(dirname "$0")/.."', "$(dirname $0)/..")),
    **dict.fromkeys(TEMPLATES, ("FunctionUrlConfig:", "FunctionUrlConfigs:")),
}
HEALTHCHECK = re.compile(r"^HEALTHCHECK .*\\\n +CMD (\[.*\])$", re.MULTILINE)


@pytest.mark.parametrize("path", CHECKS)
def test_file_passes_its_check_in_every_combination(
    path: str, rendered: Callable[[str], Path]
) -> None:
    files = [rendered(name) / path for name in COMBINATIONS]
    # That of the other pipeline is not there, nor those of another deployment.
    status, output = check(CHECKS[path], *(file for file in files if file.exists()))

    assert status == 0, output


@pytest.mark.parametrize("path", CHECKS)
def test_check_refuses_a_fault(path: str, rendered: Callable[[str], Path], tmp_path: Path) -> None:
    before, after = FAULTS[path]
    folder = rendered(next(name for name in COMBINATIONS if (rendered(name) / path).exists()))
    faulty = Path(shutil.copy(folder / path, tmp_path))
    text = faulty.read_text("utf-8")
    assert before in text
    faulty.write_text(text.replace(before, after), "utf-8")

    status, output = check(CHECKS[path], faulty)

    assert status == (2 if CHECKS[path] is CFN_LINT else 1), output


@pytest.mark.parametrize("name", COMBINATIONS)
def test_every_script_is_checked(name: str, rendered: Callable[[str], Path]) -> None:
    folder = rendered(name)

    assert {*folder.rglob("*.sh")} <= {folder / path for path in CHECKS}


@pytest.mark.parametrize(
    ("command", "path"),
    [(SHELLCHECK, ".ci/run"), (SHELLCHECK, ".ci/debian-python"), (GITLAB, ".gitlab-ci.yml")],
)
def test_file_of_the_template_passes_its_check(command: list[str], path: str) -> None:
    status, output = check(command, ROOT / path)

    assert status == 0, output


def test_healthcheck_tells_whether_the_service_answers(
    rendered: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> None:
    folder = rendered("async")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    port = free_port()
    variables = service_variables | {"HTTP_PORT": str(port)}
    found = HEALTHCHECK.search((folder / "Dockerfile").read_text("utf-8"))
    assert found
    program, *arguments = json.loads(found[1])
    assert program == "python"

    with serving(folder, python, port, variables):
        running = subprocess.run([python, *arguments], env=variables)
    stopped = subprocess.run([python, *arguments], env=variables, capture_output=True)

    assert (running.returncode, stopped.returncode) == (0, 1)


def check(command: list[str], *paths: Path) -> tuple[int, str]:
    """Run a checker of our own environment; return its exit status and what it printed."""
    program = Path(sys.executable).with_name(command[0])
    result = subprocess.run([program, *command[1:], *paths], text=True, capture_output=True)
    return result.returncode, result.stdout + result.stderr
