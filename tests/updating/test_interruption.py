"""An update that is killed leaves main as it was, and can be run again."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo
from rendering import ROOT

from updates.workshop import Workshop
from updating.living import BARE, NOW, Template, branch, commit, create_service, files, status

Run = Callable[..., int]
# Each is where an update dies: before a command of git, in the workshop or in the checkout.
STEPS = [
    "checkout worktree",
    "workshop read-tree",
    "workshop commit",
    "checkout update-ref",
    "checkout switch",
]
STEPS_OF_CONFLICTS = [
    "checkout update-ref",
    "checkout switch",
    "checkout read-tree",
    "checkout update-index",
]
UPDATER = ROOT / "updates" / "__main__.py"
KILLED = """
import os, pathlib, runpy, signal, subprocess, sys

step, script, *sys.argv[1:] = sys.argv[1:]
run, top = subprocess.run, pathlib.Path.cwd()

def run_until(command, **options):
    where = "checkout" if options["cwd"] == top else "workshop"
    if step == f"{where} {command[1]}" and "GIT_DIR" not in options["env"]:
        if step == "checkout read-tree":
            # As if git had died in the middle of it.
            open(".git/index.lock", "w").close()
            open("Dockerfile", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return run(command, **options)

subprocess.run = run_until
runpy.run_path(script, run_name="__main__")
"""


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service that is one release behind."""
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.add("service/VERSION", "99.1.0\n")
    template_to_be.release("99.1.0")
    return service


@pytest.mark.parametrize("step", STEPS)
def test_killed_update_can_be_run_again(step: str, service: Path, run: Run) -> None:
    before = main_of(service)

    assert kill_before(step, service) == -9

    assert (main_of(service), branch(service), status(service)) == (before, "main", {})
    assert run(service) == 0
    assert main_of(service) == before
    assert status(service) == {}
    assert branch(service) == "template-update/v99.1.0"
    assert "VERSION" in files(service)
    assert nothing_stays(service)


@pytest.mark.parametrize("step", STEPS_OF_CONFLICTS)
def test_update_that_is_killed_with_conflicts_can_be_run_again(
    step: str, service: Path, run: Run
) -> None:
    change_dockerfile(service)
    before = main_of(service)

    assert kill_before(step, service) == -9

    assert main_of(service) == before
    assert run(service) == 2
    assert main_of(service) == before
    assert status(service) == {".cruft.json": "M ", "Dockerfile": "UU", "VERSION": "A "}
    assert nothing_stays(service)


@pytest.mark.parametrize("step", ["workshop commit", "checkout add", "checkout update-ref"])
def test_finish_that_is_killed_can_be_run_again(step: str, service: Path, run: Run) -> None:
    change_dockerfile(service)
    run(service)
    (service / "Dockerfile").write_text("# Solved\n", "utf-8")
    with Repo(service) as repository:
        repository.git.add("Dockerfile")

    assert kill_before(step, service, "--finish") == -9
    assert run(service, "--finish") == 0

    assert (status(service), nothing_stays(service)) == ({}, True)
    assert (service / "Dockerfile").read_text("utf-8") == "# Solved\n"
    assert main_of(service) == main_of(service, "HEAD~")


def test_what_was_done_is_stashed_and_what_others_left_is_not_touched(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    change_dockerfile(service)
    kill_before("checkout update-index", service)
    (service / "notes.txt").write_text("mine", "utf-8")

    assert run(service) == 1

    captured = capsys.readouterr()
    assert "which was cut short, is in git stash" in captured.out
    assert "?? notes.txt" in captured.err
    assert branch(service) == "main"
    assert status(service) == {"notes.txt": "??"}


def test_checkout_that_somebody_moved_after_the_kill_is_left_alone(service: Path, run: Run) -> None:
    change_dockerfile(service)
    kill_before("checkout update-index", service)
    with Repo(service) as repository:
        repository.git.add("--all")
        repository.git.commit("--message", "As it was")
        theirs = repository.head.commit.hexsha

    assert run(service) == 1

    with Repo(service) as repository:
        assert repository.head.commit.hexsha == theirs
    assert branch(service) == "template-update/v99.1.0"


def test_failure_puts_everything_back(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workshop, "lock", fail)
    before = files(service)

    assert run(service) == 1

    assert (branch(service), files(service), status(service)) == ("main", before, {})
    assert nothing_stays(service)
    with Repo(service) as repository:
        assert [head.name for head in repository.heads] == ["main"]


def test_second_update_at_a_time_is_refused(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    note = service / ".git" / "template-update.json"
    with note.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert run(service) == 1

    assert "Another update runs here." in capsys.readouterr().err


def kill_before(step: str, service: Path, *arguments: str) -> int:
    """Run the updater in a process that dies before a step; return its exit status."""
    command = [sys.executable, "-c", KILLED, step, str(UPDATER), "--no-check", *arguments]
    return subprocess.run(command, cwd=service, env=os.environ | {"PYTHONPATH": ""}).returncode


def main_of(service: Path, name: str = "main") -> str:
    """Return the commit of the branch `main`, or of another name."""
    with Repo(service) as repository:
        return repository.commit(name).hexsha


def nothing_stays(service: Path) -> bool:
    """Tell whether there is no other work tree, and no note of an update that runs."""
    with Repo(service) as repository:
        places = repository.git.worktree("list").splitlines()
    return len(places) == 1 and not (service / ".git" / "template-update.json").read_text("utf-8")


def change_dockerfile(service: Path) -> None:
    """Change what the template changes too, and commit it."""
    file = service / "Dockerfile"
    file.write_text(file.read_text("utf-8").replace("# A number,", "# Any number,"), "utf-8")
    commit(service, "Any number")
