"""The launcher in a service runs the updater of the template's newest release, and no other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from git import Repo

from updating.conftest import RELEASES
from updating.living import BARE, NOW, Create, Template, branch, clone, commit, status

LAUNCHER = "scripts/update_from_template.py"
MARK = 'print("The newest updater.")\n'


def launch(
    service: Path, *arguments: str, script: Path | str = LAUNCHER
) -> subprocess.CompletedProcess[str]:
    """Run the launcher as its users do."""
    command = [os.environ.get("UV", "uv"), "run", "--no-progress", str(script), *arguments]
    return subprocess.run(command, cwd=service, capture_output=True, text=True)


def change_updater(template: Template) -> None:
    """Have the template's updater say that it is the newest."""
    file = template.folder / "updates" / "main.py"
    file.write_text(file.read_text("utf-8") + MARK, "utf-8")


def test_newest_updater_brings_the_newest_release(service: Path, template_to_be: Template) -> None:
    change_updater(template_to_be)
    template_to_be.add("service/VERSION", "99.1.0")
    template_to_be.release("99.1.0")

    checked = launch(service, "--check")
    updated = launch(service, "--no-check")

    assert (checked.returncode, updated.returncode) == (1, 0), updated.stderr
    assert "The newest updater." in checked.stdout
    assert (service / "VERSION").read_text("utf-8") == "99.1.0"
    assert (branch(service), status(service)) == ("template-update/v99.1.0", {})


def test_launcher_needs_no_more_than_python(service: Path) -> None:
    command = [sys.executable, "-I", LAUNCHER, "--check"]

    ended = subprocess.run(command, cwd=service, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    assert "there is nothing to do" in ended.stdout


def test_updater_that_is_not_released_does_not_run(service: Path, template_to_be: Template) -> None:
    change_updater(template_to_be)
    commit(template_to_be.folder, "Not released")

    ended = launch(service, "--check", "--to", "main")

    assert "The newest updater." not in ended.stdout
    assert ended.returncode == 1


def test_conflict_has_its_exit_status(service: Path, template_to_be: Template) -> None:
    (service / "Makefile").write_text("test:\n\tuv run pytest\n", "utf-8")
    commit(service, "Ours")
    template_to_be.add("service/Makefile", "check:\n\tscripts/qa_commands.sh\n")
    template_to_be.release("99.1.0")

    assert launch(service).returncode == 2


def test_address_is_the_committed_one(service: Path, tmp_path: Path) -> None:
    file = service / ".cruft.json"
    state = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(state | {"template": str(tmp_path / "elsewhere")}), "utf-8")

    ended = launch(service, "--check")

    assert ended.returncode == 0
    assert "there is nothing to do" in ended.stdout


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://me:hunter2@localhost:1/template.git", "https://localhost:1/template.git"),
        ("--upload-pack=touch x", "--upload-pack=touch x"),
    ],
)
def test_template_that_cannot_be_cloned_is_said_in_a_sentence(
    address: str, said: str, service: Path
) -> None:
    file = service / ".cruft.json"
    state = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(state | {"template": address}), "utf-8")
    commit(service, "Another template")

    ended = launch(service, "--check")

    assert ended.returncode == 1
    assert ended.stderr.startswith("git says: ")
    assert said in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("state", ["no JSON", "{}", "[]"])
def test_state_that_cannot_be_read_is_said_in_a_sentence(state: str, service: Path) -> None:
    (service / ".cruft.json").write_text(state, "utf-8")
    commit(service, "Another state")

    ended = launch(service, "--check")

    assert ended.returncode == 1
    assert ended.stderr.startswith("The template cannot be found: ")
    assert len(ended.stderr.splitlines()) == 1


def test_adoption_without_an_address_is_no_conflict(service: Path) -> None:
    assert launch(service, "--adopt").returncode == 1


def test_listed_release_that_is_not_there_is_passed_over(
    service: Path, template_to_be: Template
) -> None:
    template_to_be.change(
        "cruft.json", '"releases": {', '"releases": { "100.0.0": "' + "0" * 40 + '",'
    )
    commit(template_to_be.folder, "List a release that was rewritten")

    ended = launch(service, "--check")

    assert ended.returncode == 0, ended.stderr


def test_missing_uv_is_said(service: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(str(shutil.which("git")))

    ended = subprocess.run(
        [sys.executable, LAUNCHER, "--check"],
        cwd=service,
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
    )

    assert (ended.returncode, ended.stderr) == (1, "Install uv first.\n")


def test_variables_of_a_hook_do_not_matter(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(service / "elsewhere"))

    ended = launch(service, "--check")

    assert ended.returncode == 0, ended.stderr


def test_folder_without_state_is_refused(service: Path) -> None:
    with Repo(service) as repository:
        repository.git.rm(".cruft.json")
    commit(service, "Leave")

    ended = launch(service)

    assert ended.returncode == 1
    assert ".cruft.json" in ended.stderr


def test_service_is_adopted(template_to_be: Template, service: Path) -> None:
    with Repo(service) as repository:
        repository.git.rm(".cruft.json")
    commit(service, "Made by cookiecutter")
    answers = [f"{name}={str(value).lower()}" for name, value in BARE.items()]

    ended = launch(service, "--adopt", str(template_to_be.folder), "--answers", *answers)

    assert ended.returncode == 0, ended.stderr
    assert status(service) == {".cruft.json": "??"}


@pytest.mark.parametrize("version", RELEASES)
def test_service_of_a_release_gets_the_launcher_by_what_it_has(
    version: str, create: Create, history: Path, tmp_path: Path
) -> None:
    service = create(RELEASES[version], **BARE)
    launcher = clone(history, tmp_path / "copy") / "{{cookiecutter.service_slug}}" / LAUNCHER
    own = service / LAUNCHER

    ended = launch(service, "--no-check", script=own if own.exists() else launcher)

    assert ended.returncode == 0, ended.stderr
    assert (branch(service), status(service)) == (f"template-update/{NOW}", {})
    assert own.read_text("utf-8") == launcher.read_text("utf-8")


def test_launcher_is_short(service: Path) -> None:
    assert len((service / LAUNCHER).read_text("utf-8").splitlines()) <= 61
