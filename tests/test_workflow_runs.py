"""The jobs of a service on GitHub run as they stand, as far as a shell goes.

Actions, and what decides when a job runs, are GitHub's alone.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git import Repo
from rendering import COMBINATIONS, render
from test_pipeline import FAULTS, break_contract, locked, variables_of
from workflows import run_job, stand_in

BARE = "flask"
GIVEN = "only-for-tests"


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Render and lock a bare service, and commit it."""
    # What deploys a tag to a cluster is in test_deploying.py, and its image in test_releasing.py.
    answers = COMBINATIONS[BARE] | {"deploy": "none"}
    folder = locked(render(answers, tmp_path / "service"))
    with Repo.init(folder) as repository:
        repository.git.add("--all")
        repository.git.commit("--message", "Service")
    return folder


@pytest.mark.parametrize("job", FAULTS)
def test_new_service_passes_and_a_fault_fails(job: str, service: Path) -> None:
    variables = variables_of(service)
    assert run_job(service, "pipeline", job, variables)[0] == 0

    path, code = FAULTS[job]
    (service / path).write_text(code, "utf-8")

    assert run_job(service, "pipeline", job, variables)[0] != 0


def test_breaking_change_fails_the_job_of_the_contract(service: Path) -> None:
    variables = variables_of(service)
    assert run_job(service, "pipeline", "contract", variables)[0] == 0

    break_contract(service)
    status, output = run_job(service, "pipeline", "contract", variables)

    assert (status, "ERR  /things/{item_id} " in output) == (1, True)
    assert (service / "api-reference" / "index.html").exists()


def test_tag_builds_and_pushes_an_image_with_its_labels(service: Path, tmp_path: Path) -> None:
    programs = stand_in("docker", "", tmp_path)
    variables = {
        "GITHUB_ACTOR": "somebody",
        "GITHUB_REF_NAME": "v1.2.3",
        "GITHUB_REPOSITORY": "Our-Team/My-Service",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": "0123456789abcdef",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }

    status, output = run_job(service, "pipeline", "build", variables, github_token=GIVEN)

    assert status == 0, output
    arguments = (tmp_path / "docker").read_text("utf-8").splitlines()
    image = "ghcr.io/our-team/my-service:v1.2.3"
    with Repo(service) as repository:
        created = repository.git.log("-1", "--format=%cI")
    assert arguments == [
        *("login", "ghcr.io", "--username", "somebody", "--password-stdin"),
        *("build", "--pull"),
        *("--label", "org.opencontainers.image.source=https://github.com/Our-Team/My-Service"),
        *("--label", "org.opencontainers.image.revision=0123456789abcdef"),
        *("--label", "org.opencontainers.image.version=v1.2.3"),
        *("--label", f"org.opencontainers.image.created={created}"),
        *("--tag", image, "."),
        *("push", image),
    ]
    assert GIVEN not in output
