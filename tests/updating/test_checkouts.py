"""Remotes and branches of any name, and checkouts of any kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updating.living import BARE, NOW, Template, branch, commit, create_service, status

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nothing_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what locks the dependencies do nothing."""
    monkeypatch.setenv("UV", "true")


def test_remote_that_the_branch_follows_is_pushed_to(
    repository: Path, run: Run, tmp_path: Path
) -> None:
    for name in ("origin", "upstream"):
        Repo.clone_from(repository, tmp_path / f"{name}.git", bare=True).close()
    with Repo(repository) as opened:
        for name in ("origin", "upstream"):
            opened.create_remote(name, str(tmp_path / f"{name}.git"))
        opened.git.fetch("upstream")
        opened.git.branch("--set-upstream-to", "upstream/trunk")

    assert run(repository / "services" / "letters", "--push") == 0

    name = "template-update/services/letters/v99.1.0"
    with Repo(tmp_path / "upstream.git") as upstream, Repo(tmp_path / "origin.git") as origin:
        assert upstream.commit(name).hexsha == Repo(repository).head.commit.hexsha
        assert [each.name for each in origin.heads] == ["trunk"]


def test_main_branch_of_the_remote_is_the_target(
    repository: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI_COMMIT_BRANCH", "CI_DEFAULT_BRANCH"):
        monkeypatch.delenv(name, raising=False)
    remote = Repo.clone_from(repository, tmp_path / "remote.git", bare=True)
    remote.git.config("receive.advertisePushOptions", "true")
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.write_text('#!/bin/sh\nenv | grep "^GIT_PUSH_OPTION_" > options\n', "utf-8")
    hook.chmod(0o755)
    clone = Repo.clone_from(remote.git_dir, tmp_path / "clone", origin="theirs")
    clone.git.switch("--detach")

    assert run(tmp_path / "clone" / "services" / "letters", "--push") == 0

    assert "merge_request.target=trunk\n" in (tmp_path / "remote.git" / "options").read_text()


def test_linked_work_tree_is_updated(repository: Path, run: Run, tmp_path: Path) -> None:
    with Repo(repository) as opened:
        opened.git.worktree("add", "-b", "linked", str(tmp_path / "linked"))

    assert run(tmp_path / "linked" / "services" / "letters") == 0

    assert branch(tmp_path / "linked") == "template-update/services/letters/v99.1.0"
    assert (branch(repository), status(repository)) == ("trunk", {})


@pytest.mark.parametrize("conflict", [False, True])
def test_sparse_clone_without_blobs_is_updated(
    conflict: bool, repository: Path, run: Run, tmp_path: Path
) -> None:
    service = repository / "services" / "letters"
    if conflict:
        (service / "VERSION").write_text("1\n", "utf-8")
        commit(repository, "Ours")
    with Repo(repository) as opened:
        opened.git.config("uploadpack.allowFilter", "true")
    options = ["--filter=blob:none", "--sparse"]
    clone = Repo.clone_from(f"file://{repository}", tmp_path / "clone", multi_options=options)
    clone.git.sparse_checkout("set", "services/letters")
    sparse = tmp_path / "clone"

    assert run(sparse / "services" / "letters") == (2 if conflict else 0)

    assert (sparse / "services" / "letters" / "VERSION").exists()
    assert not (sparse / "services" / "parcels").exists()
    assert bool(status(sparse)) is conflict


def test_conflict_in_a_file_that_a_sparse_checkout_leaves_out_is_told(
    template_to_be: Template, tmp_path: Path, run: Run, capsys: Captured
) -> None:
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    script = service / "scripts" / "qa_commands.sh"
    script.write_text("#!/bin/sh\n", "utf-8")
    commit(service, "Ours")
    template_to_be.change("service/scripts/qa_commands.sh", "#!/usr/bin/env bash", "#!/bin/bash")
    template_to_be.release("99.1.0")
    with Repo(service) as opened:
        opened.git.sparse_checkout("set", "app")

    assert run(service) == 1

    assert "is sparse, and has no scripts/qa_commands.sh, to be edited" in capsys.readouterr().err
    assert (branch(service), status(service)) == ("main", {})
