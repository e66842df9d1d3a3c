"""Services that plain cookiecutter made are linked, and services of a bare cruft stay usable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cruft
import pytest
from git import Repo
from rendering import COMBINATIONS, TAKING_TURNS, render

from updating.conftest import RELEASES
from updating.living import NOW, Create, Template, branch, commit, files, status
from updating.test_launcher import launch

Run = Callable[..., int]
FIRST = f"v{next(iter(RELEASES))}"
ANSWERS = {**COMBINATIONS["async-auth"], "service_name": "Our Service"}


@pytest.fixture
def unlinked(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service by cookiecutter, of the work tree, and commit it."""
    service = render(ANSWERS, tmp_path)
    Repo.init(service, initial_branch="main").close()
    commit(service, "By cookiecutter")
    return service


def test_adopted_service_updates(
    unlinked: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [f"{name}={value}" for name, value in ANSWERS.items()]
    template = str(template_to_be.folder)

    assert run(unlinked, "--adopt", template, "--to", NOW, "--answers", *answers) == 0

    total = len(files(unlinked))
    assert f".cruft.json says v99.0.0, and {total} of its {total} files are as new" in (
        capsys.readouterr().out
    )
    commit(unlinked, "Link to the template")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")
    assert run(unlinked) == 0
    assert branch(unlinked) == "template-update/v99.1.0"
    assert "# It is a number," in (unlinked / "Dockerfile").read_text("utf-8")


def test_wrong_answer_shows(
    unlinked: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    adoption = ("--adopt", str(template_to_be.folder), "--to", NOW)

    assert run(unlinked, *adoption, "--answers", "framework=async") == 0

    printed = capsys.readouterr().out
    assert "  differs  README.md" in printed
    assert "  missing  app/models.py" in printed


def test_folder_that_is_no_service_is_not_adopted(
    unlinked: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts = unlinked / "scripts"

    assert run(scripts, "--adopt", str(template_to_be.folder)) == 1

    said = capsys.readouterr().err
    assert f"{scripts} has 0 of the" in said
    assert ", app, " in said
    assert ", pyproject.toml, " in said
    assert "run this in the folder of the service." in said
    assert status(unlinked) == {}


def test_template_in_a_folder_is_not_adopted(
    unlinked: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = template_to_be.folder
    (folder / "templates" / "http").mkdir(parents=True)
    for path in folder.iterdir():
        if path.name not in (".git", "templates"):
            path.rename(folder / "templates" / "http" / path.name)
    commit(folder, "Room for another")

    assert run(unlinked, "--adopt", str(folder)) == 1

    said = capsys.readouterr().err
    assert f"{folder} has no cookiecutter.json at its top, but in templates/http: " in said
    assert "say cruft link --directory templates/http in place of --adopt." in said
    ended = launch(unlinked, "--adopt", str(folder))
    assert ended.returncode == 1
    assert ended.stderr == (
        "The template has no cruft.json at its top: say cruft link --directory FOLDER then.\n"
    )
    assert status(unlinked) == {}


def test_linked_service_is_not_adopted(
    create: Create, history: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(create(NOW), "--adopt", str(history)) == 1
    assert "There is a .cruft.json here" in capsys.readouterr().err


def test_bare_cruft_updates_a_pristine_service(create: Create) -> None:
    # It answers what it knows nothing of as new services do.
    new = ("deploy", "queue", *TAKING_TURNS)
    answers = {k: v for k, v in COMBINATIONS["flask-database"].items() if k not in new}
    service = create(RELEASES[FIRST.removeprefix("v")], **answers)
    # New services get a newer Python.
    fresh = create(NOW, "fresh", **answers, python_version="3.13")

    assert cruft.update(service, checkout=NOW)

    with Repo(service) as repository:
        repository.git.add("--all")
        repository.git.commit("--message", "By cruft")
    # A seed is not updated.
    seeds = {"README.md", "CHANGELOG.md", ".cruft.json"}
    seeds |= {"api-spec.yml", "app/api.py", "app/data_queries.py", "app/data_types.py"}
    seeds |= {"app/errors.py"}
    assert {path: entry for path, entry in files(service).items() if path not in seeds} == {
        path: entry for path, entry in files(fresh).items() if path not in seeds
    }
