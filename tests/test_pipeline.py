"""The pipeline of a service on GitLab, and the script of its checks, run as they stand.

`gitlab-ci-local` runs the jobs of a pushed branch in a shell, each in its own copy of what is
committed. The job `build` needs Docker, and a tag: only GitLab runs it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import npm
import pytest
from advisories import advisory_service
from browsing import missing
from conftest import MYPY_CACHE
from filelock import FileLock
from git import Repo
from rendering import COMBINATIONS, MODULES, ROOT, render

from examples.installation import CONSTRAINTS, run_uv

# Newer ones need Node 22.
TOOL = "gitlab-ci-local@4.61.0"
BARE = "async"
FULL = next(
    name
    for name, answers in COMBINATIONS.items()
    if answers["ci"] == "gitlab" and all(answers[module] for module in MODULES)
)
FAULTS = {
    "lint": ("app/fault.py", "import os\n"),
    "test": ("tests/test_fault.py", "def test_fault() -> None:\n    assert 1 + 1 == 3\n"),
}
# A runner of GitLab has none of these.
OURS = [
    "DATABASE_URL",
    "MYPY_CACHE_DIR",
    "PYTHONDONTWRITEBYTECODE",
    "RUFF_CACHE_DIR",
    "TEST_DATABASE_URL",
    "VIRTUAL_ENV",
]
OUTCOME = re.compile(r"^ (PASS|WARN|FAIL) +([a-z-]+)", re.MULTILINE)


def find_gitlab_ci_local() -> str:
    """Return the program; it copies files with rsync."""
    if not shutil.which("rsync"):
        missing("rsync")
    return npm.program(TOOL, "gitlab-ci-local")


@pytest.fixture(scope="session")
def gitlab_ci_local() -> str:
    """Give the program that runs pipelines."""
    return find_gitlab_ci_local()


@pytest.mark.parametrize(
    ("name", "vulnerable", "audit"), [(BARE, "", "PASS"), (FULL, "connexion", "WARN")]
)
def test_pipeline_of_a_new_service_passes(
    name: str, vulnerable: str, audit: str, gitlab_ci_local: str, tmp_path: Path
) -> None:
    folder = locked_service(name, tmp_path)
    commit(folder)

    with advisory_service(vulnerable) as service:
        status, outcomes = run_pipeline(gitlab_ci_local, folder, AUDIT_SERVICE_URL=service.url)

    passed = dict.fromkeys(["contract", "lint", "test"], "PASS")
    assert (status, outcomes) == (0, passed | {"audit": audit})
    # Where the job left its files.
    reports = folder / ".gitlab-ci-local" / "builds" / "test"
    coverage = (reports / "coverage.xml").read_text("utf-8")
    assert 'filename="api.py"' in coverage
    assert "standard/" not in coverage
    assert "<testsuite " in (reports / "report.xml").read_text("utf-8")
    reference = reports.with_name("contract") / "api-reference"
    assert {path.name for path in reference.iterdir()} == {
        "index.html",
        "openapi.json",
        "openapi.yaml",
    }


@pytest.mark.parametrize("job", FAULTS)
def test_fault_fails_its_job(job: str, gitlab_ci_local: str, tmp_path: Path) -> None:
    folder = locked_service(BARE, tmp_path)
    path, code = FAULTS[job]
    (folder / path).write_text(code, "utf-8")
    commit(folder)

    status, outcomes = run_pipeline(gitlab_ci_local, folder, job)

    assert (status, outcomes) == (1, {job: "FAIL"})


def test_breaking_change_fails_the_job_of_the_contract(
    gitlab_ci_local: str, tmp_path: Path
) -> None:
    folder = locked_service(BARE, tmp_path)
    commit(folder)
    break_contract(folder)

    status, outcomes = run_pipeline(gitlab_ci_local, folder, "contract")

    assert (status, outcomes) == (1, {"contract": "FAIL"})


def test_script_of_the_checks_passes(tmp_path: Path) -> None:
    folder = locked_service(BARE, tmp_path)

    status, output = run(["scripts/qa_commands.sh"], folder)

    assert status == 0
    assert " passed in " in output


def locked_service(name: str, destination: Path) -> Path:
    """Render a service, and lock what it asks for."""
    return locked(render(COMBINATIONS[name], destination))


def locked(folder: Path) -> Path:
    """Lock what a service asks for to the versions of the constraints file."""
    pins = CONSTRAINTS.read_text("utf-8").splitlines()
    # Unlike a constraint, they leave no trace in the lock file.
    run_uv("lock", "--quiet", *(f"--upgrade-package={pin}" for pin in pins), cwd=folder)
    return folder


def commit(folder: Path) -> None:
    """Commit a service, lock file and all, to a repository as GitLab has it."""
    with Repo.init(folder) as repository:
        repository.create_remote("origin", "https://gitlab.example.org/team/my-service.git")
        repository.git.add("--all")
        repository.git.commit("--message", "Service")


def break_contract(folder: Path) -> None:
    """Release what is committed, and commit a contract that breaks its clients."""
    contract = folder / "api-spec.yml"
    text = contract.read_text("utf-8")
    with Repo(folder) as repository:
        repository.create_tag("v0.1.0")
        contract.write_text(text.replace("  /items/{item_id}:", "  /things/{item_id}:"), "utf-8")
        repository.git.commit("--all", "--message", "Rename items")


def run_pipeline(
    program: str, folder: Path, *jobs: str, isolated: bool = True, **variables: str
) -> tuple[int, dict[str, str]]:
    """Run the jobs, or all of them; return the exit status and what became of each."""
    options = ["--force-shell-executor", f"--home={folder.parent}"]
    options += ["--shell-isolation"] * isolated
    # A variable of the project, as GitLab calls it, goes before that of the job.
    variables["UV_CACHE_DIR"] = run_uv("cache", "dir").strip()
    options += [f"--variable={name}={value}" for name, value in variables.items()]
    status, output = run([program, *options, *jobs], folder)
    return status, {job: outcome for outcome, job in OUTCOME.findall(output)}


def run(command: list[str], folder: Path) -> tuple[int, str]:
    """Run a command in a service's folder; print its output, and return it and the status."""
    variables = variables_of(folder)
    result = subprocess.run(command, cwd=folder, env=variables, text=True, capture_output=True)
    output = result.stdout + result.stderr
    print(output)
    return result.returncode, output


def variables_of(folder: Path) -> dict[str, str]:
    """Give the environment variables of a runner that has uv, and what the lock file names."""
    uv = shutil.which(os.environ.get("UV", "uv"))
    assert uv
    lock = hashlib.sha256((folder / "uv.lock").read_bytes()).hexdigest()
    place = ROOT / "build" / "environments" / lock[:16]
    place.parent.mkdir(parents=True, exist_ok=True)
    variables = {name: value for name, value in os.environ.items() if name not in OURS}
    variables |= {
        # A job has none, and takes longer.
        "MYPY_CACHE_DIR": str(MYPY_CACHE),
        "PATH": f"{Path(uv).parent}{os.pathsep}{os.environ['PATH']}",
        "UV_PROJECT_ENVIRONMENT": str(place),
        "UV_PYTHON": sys.executable,
    }
    # Before the jobs, which would make it side by side.
    with FileLock(f"{place}.lock"):
        subprocess.run([uv, "sync", "--quiet", "--locked"], cwd=folder, env=variables, check=True)
    return variables
