"""An update opens a merge request by push options, and never over what people pushed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updates.workshop import Workshop
from updating.living import BARE, NOW, Template, clone, commit, create_service, files

Run = Callable[..., int]
BRANCH = "template-update/v99.1.0"
# What GitLab reads them with.
HOOK = """#!/bin/sh
: > options
i=0
while [ "$i" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
  eval "printf '%s\\n' \\"\\$GIT_PUSH_OPTION_$i\\"" >> options
  i=$((i + 1))
done
"""


@pytest.fixture
def remote(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service that is one release behind, at a remote that takes push options."""
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")
    with Repo.clone_from(service, tmp_path / "remote.git", bare=True) as repository:
        repository.git.config("receive.advertisePushOptions", "true")
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.write_text(HOOK, "utf-8")
    hook.chmod(0o755)
    return tmp_path / "remote.git"


@pytest.fixture
def service(remote: Path, tmp_path: Path) -> Path:
    """Clone the service as its pipeline does."""
    return clone(remote, tmp_path / "checkout")


def test_merge_request_is_asked_for(service: Path, remote: Path, run: Run) -> None:
    assert run(service, "--push") == 0

    options = (remote / "options").read_text("utf-8").splitlines()
    assert options[:3] == [
        "merge_request.create",
        "merge_request.target=main",
        "merge_request.remove_source_branch",
    ]
    assert "merge_request.title=Update the template from v99.0.0 to v99.1.0" in options
    description = options[4]
    assert "- Entry of 99.1.0.\\n  After the update: nothing." in description
    assert "files change:\\n\\n- .cruft.json: +" in description
    assert "\\n- Dockerfile: +1 -1" in description
    assert "merge_request.draft" not in options
    assert tip(remote) == tip(service)


def test_conflicts_make_a_draft_with_the_list(service: Path, remote: Path, run: Run) -> None:
    edit(service, "# A number,", "# A big number,")

    assert run(service, "--push") == 2

    options = (remote / "options").read_text("utf-8")
    assert "\nmerge_request.draft\n" in options
    assert "Conflicts:\\n\\n- Dockerfile: both changed it: edit the file, then git add" in options
    with Repo(remote) as repository:
        assert "<<<<<<< service" in repository.git.show(f"{BRANCH}:Dockerfile")


def test_branch_is_pushed_again_over_what_was_made_here(
    service: Path, remote: Path, run: Run, tmp_path: Path
) -> None:
    run(service, "--push")
    other = clone(remote, tmp_path / "other")
    for number in range(3):
        (other / "notes.txt").write_text(f"merged meanwhile, {number}", "utf-8")
        commit(other, "Other work")
    with Repo(other) as repository:
        repository.git.push("origin", "main")
    again = clone(remote, tmp_path / "again")

    assert run(again, "--push") == 0

    assert "notes.txt" in files(again)
    assert tip(remote) == tip(again)


def test_same_update_is_not_pushed_again(
    service: Path,
    remote: Path,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(service, "--push")
    pushed = tip(remote)
    again = clone(remote, tmp_path / "again")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2099-01-01T00:00:00Z")

    assert run(again, "--push") == 0

    assert f"{BRANCH} is pushed already." in capsys.readouterr().out
    assert tip(remote) == pushed
    # What is mended there can be pushed.
    assert tip(again) == pushed


@pytest.mark.parametrize("amended", [False, True])
def test_commits_of_people_are_never_pushed_over(
    amended: bool,
    service: Path,
    remote: Path,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(service, "--push")
    (service / "notes.txt").write_text("resolved", "utf-8")
    with Repo(service) as repository:
        repository.git.add("--all")
        options = ["--amend", "--no-edit"] if amended else ["--message", "Resolved"]
        repository.git.commit(*options)
        repository.git.push("--force", "origin", f"HEAD:{BRANCH}")
    theirs = tip(remote)

    assert run(clone(remote, tmp_path / "again"), "--push") == 0

    assert f"{BRANCH} has commits of people" in capsys.readouterr().out
    assert tip(remote) == theirs


def test_what_is_pushed_meanwhile_is_not_pushed_over(
    service: Path,
    remote: Path,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(service, "--push")
    other, again = clone(remote, tmp_path / "other"), clone(remote, tmp_path / "again")
    (other / "notes.txt").write_text("mine", "utf-8")
    commit(other, "My notes")

    def push_meanwhile(_: object) -> bool:
        with Repo(other) as repository:
            repository.git.push("--force", "origin", f"HEAD:{BRANCH}")
        return True

    monkeypatch.setattr(Workshop, "lock", push_meanwhile)
    # Not what is pushed already.
    edit(again, "EXPOSE", "# Ours.\nEXPOSE")

    assert run(again, "--push") == 1

    with Repo(remote) as repository:
        assert repository.commit(BRANCH).summary == "My notes"


def test_remote_without_push_options_gets_the_branch(
    service: Path, remote: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with Repo(remote) as repository:
        repository.git.config("receive.advertisePushOptions", "false")

    assert run(service, "--push") == 0

    assert ": open a merge or pull request there." in capsys.readouterr().out
    assert tip(remote) == tip(service)


def tip(folder: Path) -> str:
    """Return the commit of the update's branch."""
    with Repo(folder) as repository:
        return repository.commit(BRANCH).hexsha


def edit(service: Path, old: str, new: str) -> None:
    """Change the Dockerfile, and commit it."""
    file = service / "Dockerfile"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    commit(service, "Change the Dockerfile")
