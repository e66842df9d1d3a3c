"""The jobs of a service's pipeline that look for updates and bring them, run as they stand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from deploying import run_gitlab
from git import Repo
from rendering import COMBINATIONS
from test_pipeline import find_gitlab_ci_local, locked, run_pipeline

from updating.living import NOW, Template, clone, commit, create_service, status

HOST = "gitlab.example.org"
VARIABLES = {
    "CI_PROJECT_PATH": "team/my-service",
    "CI_SERVER_HOST": HOST,
    "TEMPLATE_UPDATE_TOKEN": "glpat-of-the-test",
}


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a service that is one release behind, at a remote that stands for GitLab."""
    service = locked(
        create_service(template_to_be.folder, NOW, COMBINATIONS["async"], tmp_path / "service")
    )
    commit(service, "Lock")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")
    remote = tmp_path / "remote.git"
    with Repo.clone_from(service, remote, bare=True) as repository:
        repository.git.config("receive.advertisePushOptions", "true")
    checkout = clone(remote, tmp_path / "checkout")
    # What it is pushed to, by the address with the token in it.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{remote}.insteadOf")
    address = f"https://template-update:{VARIABLES['TEMPLATE_UPDATE_TOKEN']}@{HOST}"
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{address}/{VARIABLES['CI_PROJECT_PATH']}.git")
    return checkout


def test_merge_request_is_warned_that_the_service_is_behind(service: Path) -> None:
    ended, outcomes = run_pipeline(
        find_gitlab_ci_local(),
        service,
        "template-check",
        isolated=False,
        CI_PIPELINE_SOURCE="merge_request_event",
    )

    assert ended == 0
    assert outcomes == {"template-check": "WARN"}


def test_schedule_pushes_the_update(service: Path, tmp_path: Path) -> None:
    ended, outcomes = run_pipeline(
        find_gitlab_ci_local(),
        service,
        "template-update",
        isolated=False,
        CI_PIPELINE_SOURCE="schedule",
        **VARIABLES,
    )

    assert (ended, outcomes) == (0, {"template-update": "PASS"})
    assert status(service) == {}
    with Repo(tmp_path / "remote.git") as repository:
        pushed = repository.commit("template-update/v99.1.0")
        assert "# It is a number," in repository.git.show(f"{pushed}:Dockerfile")
        assert pushed.author.email == f"template-update@{HOST}"


def test_schedule_without_a_token_names_it(service: Path, tmp_path: Path) -> None:
    ended, output = run_gitlab(service, "template-update", os.environ)

    assert ended == 1
    assert "there is no variable TEMPLATE_UPDATE_TOKEN" in output
    assert "99.1.0" in output
    with Repo(tmp_path / "remote.git") as repository:
        assert len(repository.branches) == 1
