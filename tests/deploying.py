"""A service that tags deploy, in a clone of a remote, and jobs of its pipelines there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml
from git import Repo
from kustomizing import KUBECTL
from rendering import render

SLUG = "letters"
TAG = "v1.2.3"
GIVEN = "only-for-tests"
BARE = {"use_database": False, "use_csv_export": False, "use_auth": False}
FULL: dict[str, str | bool] = {"use_worker": True, "queue": "celery"}
ADDRESS = "gitlab.example.org/team/letters"
GITLAB = {
    "CI_COMMIT_TAG": TAG,
    "CI_COMMIT_SHA": "0123456789abcdef",
    "CI_COMMIT_TIMESTAMP": "2027-01-01T00:00:00Z",
    "CI_DEFAULT_BRANCH": "main",
    "CI_PROJECT_DIR": "/nowhere",
    "CI_PROJECT_PATH": "team/letters",
    "CI_PROJECT_URL": f"https://{ADDRESS}",
    "CI_REGISTRY": "registry.example.org",
    "CI_REGISTRY_IMAGE": "registry.example.org/team/letters",
    "CI_REGISTRY_PASSWORD": GIVEN,
    "CI_REGISTRY_USER": "somebody",
    "CI_SERVER_HOST": "gitlab.example.org",
}
GITHUB = {
    "GITHUB_ACTOR": "somebody",
    "GITHUB_REF_NAME": TAG,
    "GITHUB_REPOSITORY": "Team/Letters",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": "0123456789abcdef",
}
# Without a value, GitHub gives an empty text.
SECRETS = {
    "github_token": GIVEN,
    **{f"secrets_{name}": "" for name in ("COSIGN_PASSWORD", "COSIGN_PRIVATE_KEY", "KUBECONFIG")},
}


def create_service(place: Path, **answers: str | bool) -> Path:
    """Render a service, for a cluster unless told otherwise, and return a clone of its remote."""
    folder = render({"service_slug": SLUG, "deploy": "kubernetes", **answers}, place / "render")
    with Repo.init(folder) as repository:
        repository.git.add("--all")
        repository.git.commit("--message", "Service")
    with Repo.clone_from(folder, place / "remote.git", bare=True) as remote:
        remote.git.config("receive.advertisePushOptions", "true")
        # What was asked for beside the push.
        hook = Path(remote.git_dir, "hooks", "pre-receive")
        hook.write_text("#!/bin/sh\nenv | grep GIT_PUSH_OPTION_ > options\nexit 0\n", "utf-8")
        hook.chmod(0o755)
    with Repo.clone_from(place / "remote.git", place / "clone"):
        return place / "clone"


def environment(folder: Path, *programs: str, **variables: str) -> dict[str, str]:
    """Give the variables of a job that has these programs and kubectl."""
    path = os.pathsep.join([*programs, str(KUBECTL.parent), os.environ["PATH"]])
    remote = folder.parent / "remote.git"
    redirected = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{remote}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://deploy:{GIVEN}@{ADDRESS}.git",
    }
    kept = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    home = {"HOME": str(folder.parent)}
    return {**kept, **redirected, **home, "PATH": path, **variables}


def run(
    command: list[str], folder: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command in a service, for at most a minute; print what it printed."""
    result = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    print(result.stdout)
    return result


def run_gitlab(folder: Path, job: str, variables: Mapping[str, str]) -> tuple[int, str]:
    """Run the script of a job as a shell of GitLab's does; its preparation installs programs."""
    jobs = yaml.safe_load((folder / ".gitlab-ci.yml").read_text("utf-8"))
    chosen = {**jobs.get(jobs[job].get("extends"), {}), **jobs[job]}
    script = "\n".join(chosen["script"])
    given = {"CI_ENVIRONMENT_NAME": chosen["environment"]} if "environment" in chosen else {}
    expanded = {
        name: str(value)
        .replace("$CI_REGISTRY_IMAGE", GITLAB["CI_REGISTRY_IMAGE"])
        .replace("$CI_COMMIT_TAG", TAG)
        .replace("$CI_SERVER_HOST", GITLAB["CI_SERVER_HOST"])
        for name, value in chosen.get("variables", {}).items()
        if name != "DOCKER_CONFIG"
    }
    result = run(["sh", "-e", "-c", script], folder, {**GITLAB, **given, **expanded, **variables})
    return result.returncode, result.stdout
