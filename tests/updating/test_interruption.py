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

from updates.branch import Branch
from updating.living import BARE, NOW, Template, branch, commit, create_service, files, status

Run = Callable[..., int]
# Each is where the update dies: before the call of git whose first argument it is.
STEPS = ["switch", "read-tree", "update-index", "diff", "write-tree", "commit"]
UPDATER = ROOT / "updates" / "__main__.py"
KILLED = """
import os, runpy, signal, subprocess, sys

step, script, *sys.argv[1:] = sys.argv[1:]
run = subprocess.run

def run_until(command, **options):
    if command[:2] == ["git", step] and "GIT_DIR" not in options.get("env", {}):
        if step == "read-tree":
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

    assert main_of(service) == before
    assert run(service) == 0
    assert main_of(service) == before
    assert status(service) == {}
    assert branch(service) == "template-update/v99.1.0"
    assert "VERSION" in files(service)
    assert not (service / ".git" / "template-update.json").exists()


def test_what_was_done_is_stashed_and_what_others_left_is_not_touched(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    kill_before("commit", service)
    (service / "notes.txt").write_text("mine", "utf-8")

    assert run(service) == 1

    captured = capsys.readouterr()
    assert "is in git stash" in captured.out
    assert "?? notes.txt" in captured.err
    assert branch(service) == "main"
    assert status(service) == {"notes.txt": "??"}


def test_ignored_file_is_not_overwritten(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (service / ".git" / "info" / "exclude").write_text("VERSION\n", "utf-8")
    (service / "VERSION").write_text("mine", "utf-8")

    assert run(service) == 1

    assert "Move away what git ignores and the template adds: VERSION" in capsys.readouterr().err
    assert (service / "VERSION").read_text("utf-8") == "mine"


def test_commit_that_a_hook_refuses_is_left_to_the_team(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = service / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho no such commit >&2\nexit 1\n", "utf-8")
    hook.chmod(0o755)

    assert run(service) == 1

    assert "no such commit" in capsys.readouterr().out
    assert branch(service) == "template-update/v99.1.0"
    assert status(service)["VERSION"] == "A "


def test_what_the_checks_leave_is_not_committed(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave_something(_: object) -> bool:
        (service / "coverage.xml").touch()
        return True

    monkeypatch.setattr(Branch, "lock", leave_something)

    assert run(service) == 0

    assert status(service) == {"coverage.xml": "??"}
    assert "VERSION" in files(service)


def test_branch_in_another_work_tree_is_refused(
    service: Path, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with Repo(service) as repository:
        place = str(tmp_path / "other")
        repository.git.worktree("add", "-b", "template-update/v99.1.0", place)

    assert run(service) == 1
    assert f"template-update/v99.1.0 is checked out in {place}" in capsys.readouterr().err


def test_failure_puts_everything_back(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Branch, "lock", fail)
    before = files(service)

    assert run(service) == 1

    assert (branch(service), files(service), status(service)) == ("main", before, {})
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
    assert note.exists()


def test_branch_with_commits_of_people_is_left_alone(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(service)
    (service / "notes.txt").write_text("mine", "utf-8")
    commit(service, "My notes")
    with Repo(service) as repository:
        theirs = repository.head.commit.hexsha
        repository.git.checkout("main")

    assert run(service) == 1

    assert "has commits of people (Template: My notes)" in capsys.readouterr().err
    with Repo(service) as repository:
        assert repository.commit("template-update/v99.1.0").hexsha == theirs


def test_branch_that_was_only_made_here_is_made_again(service: Path, run: Run) -> None:
    run(service)
    with Repo(service) as repository:
        repository.git.checkout("main")
    (service / "notes.txt").write_text("mine", "utf-8")
    commit(service, "My notes")

    assert run(service) == 0

    assert {"notes.txt", "VERSION"} <= set(files(service))


def kill_before(step: str, service: Path) -> int:
    """Run the updater in a process that dies before a step; return its exit status."""
    command = [sys.executable, "-c", KILLED, step, str(UPDATER), "--no-check"]
    return subprocess.run(command, cwd=service, env=os.environ | {"PYTHONPATH": ""}).returncode


def main_of(service: Path) -> str:
    """Return the commit of the branch `main`."""
    with Repo(service) as repository:
        return repository.commit("main").hexsha
