"""The jobs of a service on GitHub that look for updates and bring them, run as they stand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo
from rendering import COMBINATIONS
from test_pipeline import locked, variables_of
from workflows import run_job, stand_in

from updating.living import NOW, Template, clone, commit, create_service, status

BRANCH = "template-update/v99.1.0"
TITLE = "Update the template from v99.0.0 to v99.1.0"
# It tells of the pull requests in a file, and keeps the text of one that is opened.
GH = """
case "$1 $2" in
  "pr list") cat '{folder}/opened' ;;
  "pr create") cat > '{folder}/body' ;;
esac
"""


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Clone a service that is one release behind, from a remote that takes no push options."""
    service = locked(
        create_service(template_to_be.folder, NOW, COMBINATIONS["flask"], tmp_path / "service")
    )
    commit(service, "Lock")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")
    Repo.clone_from(service, tmp_path / "remote.git", bare=True).close()
    (tmp_path / "opened").touch()
    return clone(tmp_path / "remote.git", tmp_path / "checkout")


def update(service: Path, folder: Path, token: str = "only-for-tests") -> tuple[int, str]:  # noqa: S107
    """Run the job that updates, with a program that stands for GitHub's own."""
    programs = stand_in("gh", GH.format(folder=folder), folder)
    variables = variables_of(service)
    variables["PATH"] = f"{programs}{os.pathsep}{variables['PATH']}"
    given = {"secrets_TEMPLATE_UPDATE_TOKEN": token}
    return run_job(service, "template-update", "template-update", variables, **given)


def change_what_the_template_changes(service: Path) -> None:
    """Change a line of the Dockerfile as the team, and commit it."""
    file = service / "Dockerfile"
    file.write_text(file.read_text("utf-8").replace("# A number,", "# A big number,"), "utf-8")
    commit(service, "Change the Dockerfile")


def calls(folder: Path) -> list[str]:
    """Return the arguments that the program was called with."""
    file = folder / "gh"
    return file.read_text("utf-8").splitlines() if file.exists() else []


def test_pull_request_is_warned_that_the_service_is_behind(service: Path) -> None:
    ended, output = run_job(service, "pipeline", "template-check", variables_of(service))

    assert ended == 0
    assert TITLE in output
    assert "\n::warning::This service is behind the template" in output


def test_service_that_is_up_to_date_is_not_warned(service: Path, run: Callable[..., int]) -> None:
    assert run(service) == 0

    ended, output = run_job(service, "pipeline", "template-check", variables_of(service))

    assert ended == 0
    assert "::warning::" not in output


def test_update_is_pushed_and_a_pull_request_opened(service: Path, tmp_path: Path) -> None:
    ended, output = update(service, tmp_path)

    assert ended == 0, output
    assert " passed in " in output
    assert status(service) == {}
    head, create = ["--head", BRANCH], ["pr", "create"]
    listing = ["pr", "list", *head, "--state", "all", "--json", "url", "--jq", ".[].url"]
    text = ["--body-file", "-", "--title", TITLE]
    assert calls(tmp_path) == ["auth", "setup-git", *listing, *create, *head, *text]
    assert "- Entry of 99.1.0.\n" in (tmp_path / "body").read_text("utf-8")
    with Repo(tmp_path / "remote.git") as repository:
        pushed = repository.commit(BRANCH)
        assert "# It is a number," in repository.git.show(f"{pushed}:Dockerfile")
        assert pushed.author.name == "Template update"
    assert "only-for-tests" not in output


def test_conflicts_make_a_draft_with_the_list(service: Path, tmp_path: Path) -> None:
    change_what_the_template_changes(service)

    ended, output = update(service, tmp_path)

    assert ended == 2, output
    assert calls(tmp_path)[-8:-6] == ["create", "--draft"]
    assert "- Dockerfile: both changed it" in (tmp_path / "body").read_text("utf-8")


def test_red_checks_make_a_draft(service: Path, tmp_path: Path) -> None:
    (service / "app" / "fault.py").write_text("import os\n", "utf-8")
    commit(service, "A fault")

    ended, output = update(service, tmp_path)

    assert ended == 1, output
    assert calls(tmp_path)[-8:-6] == ["create", "--draft"]
    assert "scripts/qa_commands.sh is red." in (tmp_path / "body").read_text("utf-8")


def test_pull_request_that_is_there_is_left_as_it_is(service: Path, tmp_path: Path) -> None:
    change_what_the_template_changes(service)
    (tmp_path / "opened").write_text("https://github.com/team/my-service/pull/1\n", "utf-8")

    assert update(service, tmp_path)[0] == 2

    assert calls(tmp_path)[2:4] == ["pr", "list"]
    assert "create" not in calls(tmp_path)


def test_nothing_is_opened_without_news(
    service: Path, template_to_be: Template, tmp_path: Path
) -> None:
    with Repo(template_to_be.folder) as repository:
        repository.git.tag("--delete", "v99.1.0")

    ended, output = update(service, tmp_path)

    assert ended == 0
    assert "there is nothing to do" in output
    assert calls(tmp_path) == ["auth", "setup-git"]


def test_without_the_secret_the_job_says_so(service: Path, tmp_path: Path) -> None:
    ended, output = update(service, tmp_path, token="")

    assert ended == 0
    assert "::notice::" in output and "TEMPLATE_UPDATE_TOKEN" in output
    assert calls(tmp_path) == []
