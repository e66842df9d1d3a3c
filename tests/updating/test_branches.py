"""An update and what git knows here: its hooks, its branches, what it ignores, who commits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updating.living import BARE, NOW, Template, branch, commit, create_service, files, status

Run = Callable[..., int]


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service that is one release behind."""
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.add("service/VERSION", "99.1.0\n")
    template_to_be.release("99.1.0")
    return service


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
    write_hook(service, "pre-commit", "echo no such commit >&2\nexit 1")

    assert run(service) == 1

    printed = capsys.readouterr().out
    assert "no such commit" in printed
    assert (
        "Mend what the hook of git asks for, then: uv run scripts/update_from_template" in printed
    )
    assert branch(service) == "template-update/v99.1.0"
    assert status(service)["VERSION"] == "A "
    assert run(service, "--finish") == 1
    assert "Mend what the hook of git asks for, and run --finish again" in capsys.readouterr().out
    assert status(service)["VERSION"] == "A "

    (service / ".git" / "hooks" / "pre-commit").unlink()

    assert run(service, "--finish") == 0
    assert status(service) == {}


def test_what_a_hook_changes_is_a_part_of_the_commit(service: Path, run: Run) -> None:
    write_hook(service, "pre-commit", "echo more >> VERSION\ngit add VERSION")

    assert run(service) == 0

    assert status(service) == {}
    assert (service / "VERSION").read_text("utf-8") == "99.1.0\nmore\n"
    with Repo(service) as repository:
        repository.git.checkout("main")
    # The branch is known as one that nobody but the updater wrote.
    assert run(service) == 0


def test_hook_that_fails_after_the_checkout_is_told(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    write_hook(service, "post-checkout", "echo no npm >&2\nexit 1")

    assert run(service) == 0

    assert "but the hook post-checkout failed: git switch failed: no npm" in capsys.readouterr().out
    assert branch(service) == "template-update/v99.1.0"
    assert status(service) == {}


def test_name_that_git_lacks_is_asked_for_at_once(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("NAME", "EMAIL"):
        monkeypatch.setenv(f"GIT_COMMITTER_{name}", "")

    assert run(service) == 1

    assert "set user.name and user.email by git config" in capsys.readouterr().err
    assert (branch(service), status(service)) == ("main", {})


def test_branch_in_another_work_tree_is_refused(
    service: Path, tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with Repo(service) as repository:
        place = str(tmp_path / "other")
        repository.git.worktree("add", "-b", "template-update/v99.1.0", place)

    assert run(service) == 1
    assert f"template-update/v99.1.0 is checked out in {place}" in capsys.readouterr().err


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


def write_hook(service: Path, name: str, script: str) -> None:
    """Write a hook of git."""
    hook = service / ".git" / "hooks" / name
    hook.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    hook.chmod(0o755)
