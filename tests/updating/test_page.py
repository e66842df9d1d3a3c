"""The commands of docs/updating.md do what the page says, as they stand there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo
from rendering import COMBINATIONS, ROOT
from test_pipeline import locked, run

from updating.conftest import RELEASES
from updating.living import Template, branch, commit, create_service, files, status

PAGE = (ROOT / "docs" / "updating.md").read_text("utf-8")
FORKED = (ROOT / "docs" / "migrating" / "forked.md").read_text("utf-8")
URL = "https://git.example.org/platform/template.git"
BLOCK = re.compile(r"^## (.+?)$|^```sh\n(.+?)^```$", re.MULTILINE | re.DOTALL)
# As the page calls it.
NEXT = "1.1.0"
DRIFT = "See what is no longer the template's"
Statuses = list[int]
Follow = Callable[[Path, str], Statuses]


def blocks(page: str = PAGE) -> dict[str, list[str]]:
    """Return the commands of each section."""
    found: dict[str, list[str]] = {}
    section = ""
    for heading, commands in BLOCK.findall(page):
        section = heading or section
        found.setdefault(section, []).extend(commands.splitlines())
    return found


@pytest.fixture
def published(
    template_to_be: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Template:
    """Give a template whose newest release is that of the page, at the address of the page."""
    with Repo(template_to_be.folder) as repository:
        # Of the releases since, the page knows nothing.
        for version in RELEASES:
            if version != "1.0.0":
                template_to_be.change("cruft.json", f'"{version}": "', f'"not {version}": "')
        tags = [tag.name for tag in repository.tags if tag.name != "v1.0.0"]
        repository.git.tag("--delete", *tags)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{template_to_be.folder}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", URL)
    return template_to_be


@pytest.fixture
def service(published: Template, tmp_path: Path) -> Path:
    """Create a service at a remote, locked, of the address of the page."""
    folder = create_service(URL, "HEAD", COMBINATIONS["async"], tmp_path / "service")
    commit(locked(folder), "Lock")
    with Repo.init(tmp_path / "remote.git", bare=True), Repo(folder) as repository:
        repository.create_remote("origin", str(tmp_path / "remote.git"))
        repository.git.push("origin", "main")
    return folder


def follow(section: str, folder: Path, page: str = PAGE) -> Statuses:
    """Run the commands of a section in a service; return their exit statuses."""
    return [run(["bash", "-c", command], folder)[0] for command in blocks(page)[section]]


def test_every_command_is_followed() -> None:
    sections = ["Update", "Solve conflicts", "Change an answer", DRIFT, "Adopt a service"]
    sections += ["Several services in a repository", "Leave"]

    assert list(filter(blocks().get, blocks())) == sections


def test_update(service: Path, published: Template) -> None:
    published.change("service/Dockerfile", "# A number,", "# It is a number,")
    published.release(NEXT)

    assert follow("Update", service) == [1, 0, 0]

    assert branch(service) == f"template-update/v{NEXT}"
    assert "# It is a number," in (service / "Dockerfile").read_text("utf-8")


def test_conflicts_are_solved(service: Path, published: Template) -> None:
    for path, text in (("Dockerfile", "# A number,"), (".gitlab-ci.yml", "# The slim image")):
        file = service / path
        file.write_text(file.read_text("utf-8").replace(text, f"{text} our"), "utf-8")
        published.change(f"service/{path}", text, f"{text} their")
    (service / "compose.test.yaml").unlink()
    commit(service, "A year of work")
    published.change("service/compose.test.yaml", "services:", "services:  # for tests")
    published.release(NEXT)
    assert run(["uv", "run", "scripts/update_from_template.py"], service)[0] == 2

    assert follow("Solve conflicts", service) == [0] * 6

    assert status(service) == {}
    assert "# A number, their" in (service / "Dockerfile").read_text("utf-8")
    assert "# The slim image our" in (service / ".gitlab-ci.yml").read_text("utf-8")
    assert "compose.test.yaml" not in files(service)


def test_answer_is_changed(service: Path, published: Template) -> None:
    published.release(NEXT)

    assert follow("Change an answer", service) == [0]

    assert "app/standard/csv_export/__init__.py" in files(service)


def test_drift_is_told(service: Path, published: Template) -> None:
    published.release(NEXT)

    assert follow(DRIFT, service) == [0]


def test_services_are_adopted(service: Path, published: Template) -> None:
    published.change("service/Dockerfile", "# A number,", "# It is a number,")
    published.release(NEXT)
    (service / ".cruft.json").unlink()
    commit(service, "As cookiecutter made it")

    assert follow("Adopt a service", service) == [0] * 5

    with Repo(service) as repository:
        assert repository.head.commit.summary == "Link to the template"


def test_forked_service_is_linked_and_updated(
    service: Path, published: Template, capsys: pytest.CaptureFixture[str]
) -> None:
    published.release(NEXT)
    published.change("service/Dockerfile", "# A number,", "# It is a number,")
    published.release("1.2.0")
    (service / "Dockerfile").write_text(
        (service / "Dockerfile").read_text("utf-8").replace("slim AS", "slim-trixie AS"), "utf-8"
    )
    (service / ".cruft.json").unlink()
    commit(service, "A fork")
    assert [*filter(blocks(FORKED).get, blocks(FORKED))] == [
        "Link it",
        "Read the distance",
        "The first update",
    ]

    assert follow("Link it", service, FORKED) == [0] * 4
    assert f"The closest is --to v{NEXT} --answers framework=async" in capsys.readouterr().out
    assert follow("Read the distance", service, FORKED) == [0, 0]
    assert status(service) == {}
    assert follow("The first update", service, FORKED) == [0, 0]

    assert branch(service) == "template-update/v1.2.0"
    dockerfile = (service / "Dockerfile").read_text("utf-8")
    assert "# It is a number," in dockerfile
    assert "slim-trixie AS" in dockerfile


def test_service_in_a_subfolder_is_updated(service: Path, published: Template) -> None:
    published.change("service/Dockerfile", "# A number,", "# It is a number,")
    published.release(NEXT)
    place = service / "services" / "letters"
    shutil.copytree(service, place, ignore=shutil.ignore_patterns(".git", ".venv", "services"))
    commit(service, "One of several")

    assert follow("Several services in a repository", service) == [0]

    assert branch(service) == f"template-update/services/letters/v{NEXT}"
    assert "# It is a number," in (place / "Dockerfile").read_text("utf-8")


def test_template_is_left(service: Path) -> None:
    assert follow("Leave", service) == [0, 0]

    assert not (service / ".cruft.json").exists()
    assert (service / "app" / "standard").exists()
