"""Which version a service has, which it gets, and what it hears about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updating.living import BARE, NOW, Template, branch, commit, create_service, files, status

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]


def test_check_tells_what_is_new_and_changes_nothing(
    service: Path, template_to_be: Template, run: Run, capsys: Captured
) -> None:
    assert run(service, "--check") == 0

    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")
    template_to_be.change("service/Dockerfile", "# It is a number,", "# A number,")
    template_to_be.release("99.2.0")
    capsys.readouterr()

    assert run(service, "--check") == 1

    printed = capsys.readouterr().out
    assert "from v99.0.0 to v99.2.0" in printed
    for version in ("99.1.0", "99.2.0"):
        assert f"- Entry of {version}.\n  After the update: nothing." in printed
    assert (branch(service), status(service)) == ("main", {})


def test_commits_after_the_newest_release_are_not_pulled(
    service: Path, template_to_be: Template, run: Run
) -> None:
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    commit(template_to_be.folder, "Not released")

    assert run(service, "--check") == 0
    assert run(service) == 0
    assert branch(service) == "main"


def test_changelog_is_in_the_message(service: Path, template_to_be: Template, run: Run) -> None:
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")

    run(service)

    with Repo(service) as repository:
        message = str(repository.head.commit.message)
    assert message.startswith("Update the template from v99.0.0 to v99.1.0\n\n99.1.0\n")
    assert "- Entry of 99.1.0.\n  After the update: nothing." in message


def test_version_may_be_chosen(service: Path, template_to_be: Template, run: Run) -> None:
    for version in ("99.1.0", "99.2.0"):
        template_to_be.add("service/VERSION", version)
        template_to_be.release(version)

    assert run(service, "--to", "99.1.0") == 0

    assert (service / "VERSION").read_text("utf-8") == "99.1.0"
    assert branch(service) == "template-update/v99.1.0"


@pytest.mark.parametrize(
    ("to", "why"),
    [("v12.0.0", "has no v12.0.0; its releases: v1.0.0"), (f"{NOW}~2", "newer than")],
)
def test_version_that_cannot_be_is_refused(
    to: str, why: str, service: Path, run: Run, capsys: Captured
) -> None:
    assert run(service, "--to", to) == 1
    assert why in capsys.readouterr().err


def test_listed_release_is_known_without_tags_and_tags_win(
    template_to_be: Template, tmp_path: Path, run: Run, capsys: Captured
) -> None:
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    with Repo(template_to_be.folder) as repository:
        for version in ("99.1.0", "99.2.0"):
            template_to_be.add("service/VERSION", version)
            template_to_be.release(version)
        first, second = (repository.commit(f"v99.{number}.0").hexsha for number in (1, 2))
        list_releases(template_to_be, {"99.0.0": f"{first}~", "99.1.0": second, "99.2.0": second})
        repository.git.tag("--delete", "v99.2.0", NOW)

    assert run(service, "--to", "v99.2.0", "--check") == 1
    assert run(service, "--to", "v99.1.0") == 0

    assert (service / "VERSION").read_text("utf-8") == "99.1.0"


def test_new_answer_reproduces_the_old_output(
    service: Path, template_to_be: Template, run: Run
) -> None:
    before = files(service)
    question = '"framework": ["flask", "async", "fastapi"],'
    template_to_be.change("cookiecutter.json", question, f'{question}\n  "use_cache": true,')
    text = "# {% if cookiecutter.use_cache %}\n# cached\n# {% endif %}\nFROM ghcr"
    template_to_be.change("service/Dockerfile", "FROM ghcr", text)
    template_to_be.change("cruft.json", '_services": {', '_services": { "use_cache": false,')
    template_to_be.release("99.1.0")

    assert run(service) == 0

    assert {**files(service), ".cruft.json": before[".cruft.json"]} == before
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    assert state["context"]["cookiecutter"]["use_cache"] is False


@pytest.mark.parametrize("of_older_services", [True, False])
def test_answer_of_which_nobody_is_asked_stays(
    of_older_services: bool, template_to_be: Template, run: Run, tmp_path: Path
) -> None:
    answers = {**BARE, "_module_names_of_1_1": of_older_services}
    service = create_service(template_to_be.folder, NOW, answers, tmp_path / "service")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")

    assert run(service) == 0

    assert (service / "app" / "standard" / "streaming.py").exists() is of_older_services
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    assert state["context"]["cookiecutter"]["_module_names_of_1_1"] is of_older_services


def test_answer_of_which_nobody_is_asked_stays_when_the_list_forgets_it(
    template_to_be: Template, run: Run, tmp_path: Path
) -> None:
    answers = {**BARE, "_module_names_of_1_1": True}
    service = create_service(template_to_be.folder, NOW, answers, tmp_path / "service")
    template_to_be.change("cruft.json", '"_module_names_of_1_1": true, ', "")
    template_to_be.release("99.1.0")

    assert run(service) == 0

    assert (service / "app" / "standard" / "streaming.py").exists()


def test_answer_that_is_asked_for_no_more_is_told(
    service: Path, template_to_be: Template, run: Run, capsys: Captured
) -> None:
    template_to_be.change("cookiecutter.json", '"description"', '"purpose"')
    template_to_be.change("hooks/pre_gen_project.py", '"description": text', '"purpose": text')
    lambdas = ("deploy/lambda/image.yaml", "deploy/lambda/zip.yaml")
    for path in ("api-spec.yml", "pyproject.toml", "README.md", *lambdas):
        template_to_be.change(f"service/{path}", "cookiecutter.description", "cookiecutter.purpose")
    template_to_be.release("99.1.0")

    assert run(service) == 0

    told = "These answers are asked for no more: description (An HTTP service)"
    assert told in capsys.readouterr().out
    with Repo(service) as repository:
        assert told in str(repository.head.commit.message)


def list_releases(template: Template, releases: dict[str, str]) -> None:
    """List releases in the template's cruft.json, and commit it."""
    with Repo(template.folder) as repository:
        commits = {name: repository.commit(commit).hexsha for name, commit in releases.items()}
    file = template.folder / "cruft.json"
    content = json.loads(file.read_text("utf-8")) | {"releases": commits}
    file.write_text(json.dumps(content), "utf-8")
    commit(template.folder, "List the releases")
