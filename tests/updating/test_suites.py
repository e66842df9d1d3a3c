"""What was updated is green: seeds of old releases work with the files of the work tree."""

from __future__ import annotations

import tarfile
from itertools import cycle, islice
from pathlib import Path

import pytest
from git import Repo
from rendering import COMBINATIONS, ROOT
from test_pipeline import locked
from test_pipeline import run as run_in_environment

from examples.build import build_example
from updating import team
from updating.conftest import RELEASES, Check, Run
from updating.living import NOW, Create, Template, branch, clone, commit, create_service, status

# Directmail has everything on with Flask.
TEAMS = ["async-database-csv_export-auth", "flask"]
# Each release has a team, and each team a release.
COUNT = max(len(RELEASES), len(TEAMS))
TEAMS_OF_RELEASES = list(islice(zip(cycle(RELEASES), cycle(TEAMS), strict=False), COUNT))
DEPENDENCY = '  "structlog>=26.1",'


@pytest.mark.parametrize(("version", "combination"), TEAMS_OF_RELEASES)
def test_service_of_a_team_is_green_after_the_update(
    combination: str, version: str, create: Create, run_counted: Run, check: Check
) -> None:
    service = create(RELEASES[version], **COMBINATIONS[combination])
    team.edit(service)
    commit(service, "A year of work")

    assert run_counted(service, "--to", NOW) == 0

    check(service)


@pytest.mark.parametrize("version", [next(iter(RELEASES))])
def test_directmail_updates_without_a_conflict(
    version: str, create: Create, run_counted: Run, check: Check, tmp_path: Path
) -> None:
    # What its team has written since is for modules that its release did not have.
    archive = tmp_path / "examples.tar"
    Repo(ROOT).git.archive(RELEASES[version], "examples", output=archive)
    with tarfile.open(archive) as files:
        files.extractall(tmp_path, filter="data")
    service = build_example(
        "directmail",
        Path(),
        lambda answers, _: create(RELEASES[version], **answers),
        tmp_path / "examples",
    )
    commit(service, "What the team of Directmail wrote")

    assert run_counted(service, "--to", NOW) == 0

    assert status(service) == {}
    check(service)


def test_handlers_are_green_under_the_other_framework(
    create: Create, run_counted: Run, check: Check
) -> None:
    service = create(NOW, **COMBINATIONS["flask-auth"])
    team.edit(service)
    commit(service, "A year of work")

    assert run_counted(service, "--answers", "framework=async") == 0

    check(service)


class TestScript:
    """The script as a team runs it, which locks, and runs the service's own checks."""

    @pytest.fixture
    def service(self, template_to_be: Template, tmp_path: Path) -> Path:
        """Create a service with a lock file, one release behind, which brings a dependency."""
        service = create_service(
            template_to_be.folder, NOW, COMBINATIONS["async"], tmp_path / "service"
        )
        commit(locked(service), "Lock")
        template_to_be.change(
            "service/pyproject.toml", DEPENDENCY, f'{DEPENDENCY}\n  "typing-extensions>=4.14",'
        )
        template_to_be.release("99.1.0")
        return clone(service, tmp_path / "clone")

    def test_update_is_locked_checked_and_committed(self, service: Path) -> None:
        status_of_script, output = run_script(service)

        assert status_of_script == 0, output
        assert "$ scripts/qa_commands.sh" in output
        assert " passed in " in output
        assert "Done, on template-update/v99.1.0." in output
        assert status(service) == {}
        lock = (service / "uv.lock").read_text("utf-8")
        assert '    { name = "typing-extensions" },\n]' in lock

    def test_red_checks_are_left_to_the_team(self, service: Path) -> None:
        (service / "app" / "fault.py").write_text("import os\n", "utf-8")
        commit(service, "A fault")

        status_of_script, output = run_script(service)

        assert status_of_script == 1
        assert "scripts/qa_commands.sh is red." in output
        assert branch(service) == "template-update/v99.1.0"
        assert status(service)[".cruft.json"] == "M "
        with Repo(service) as repository:
            assert repository.head.commit.summary == "A fault"


def run_script(service: Path) -> tuple[int, str]:
    """Run the script by uv; return its exit status and what it printed."""
    return run_in_environment(["uv", "run", "--quiet", "scripts/update_from_template.py"], service)
