"""The template's history in a repository, with the work tree as its newest release."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cruft
import pytest
from git import GitCommandError, Repo
from interpreters import OUR_PYTHON
from rendering import LEFTOVERS, ROOT, SERVICE, copy_template
from test_services import CHECKS
from test_services import run as run_check

from updates.main import main
from updates.renders import locked
from updating.counting import CHECKED, UPDATE
from updating.living import BARE, NAMES, NOW, Create, Template, commit, create_service
from updating.renders import KeptRenders, keep_renders

Run = Callable[..., int]
Check = Callable[..., None]
RELEASES: dict[str, str] = json.loads((ROOT / "cruft.json").read_text("utf-8"))["releases"]


@pytest.fixture(scope="session", autouse=True)
def kept_renders(folder_of_the_run: Path) -> Iterator[None]:
    """Render once what several updates render, in whichever worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cruft, "create", KeptRenders(folder_of_the_run / "renders"))
        folder = folder_of_the_run / "renders-of-updates"
        patch.setattr("updates.template.Renders", keep_renders(folder))
        yield


@pytest.fixture
def run_counted(run: Callable[..., int], record_property: Callable[[str, object], None]) -> Run:
    """Give the function that runs the updater; the summary counts its conflicts."""

    def run_in(folder: Path, *arguments: str) -> int:
        status = run(folder, *arguments)
        record_property(UPDATE, status)
        return status

    return run_in


@pytest.fixture
def check(
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    record_property: Callable[[str, object], None],
) -> Check:
    """Give the function that runs the checks of a service, or some, and fails with their words."""

    def run_checks(folder: Path, *names: str) -> None:
        place = environment(folder, OUR_PYTHON)
        status = 1
        try:
            for name in names or CHECKS:
                run_check(CHECKS[name], folder, place, service_variables)
            status = 0
        finally:
            record_property(CHECKED, status)

    return run_checks


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Give the function that runs the updater in a folder, without the checks, in this process."""

    def run_in(folder: Path, *arguments: str) -> int:
        monkeypatch.chdir(folder)
        # The checks have tests of their own: here they would take minutes.
        options = [] if "--check" in arguments else ["--no-check"]
        return main([*options, *arguments])

    return run_in


@pytest.fixture(scope="session")
def history(folder_of_the_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository of the template: all that was committed, and the work tree as a release.

    All workers have the same, and so the renders of its commits.
    """
    folder = folder_of_the_run / "history" / "template"
    with locked(folder):
        if not folder.exists():
            part = tmp_path_factory.mktemp("history") / "template"
            write_history(part, copy_template(tmp_path_factory.mktemp("work-tree")))
            part.rename(folder)
    return folder


def write_history(folder: Path, work_tree: Path) -> None:
    """Clone what was committed, and commit the work tree."""
    with Repo.clone_from(ROOT, folder) as repository:
        for version, released in RELEASES.items():
            try:
                repository.commit(released)
            except (GitCommandError, ValueError):
                pytest.fail(f"The history lacks {released}, release {version}: fetch --unshallow.")
        for name in ("hooks", "updates", SERVICE.name):
            shutil.rmtree(folder / name, ignore_errors=True)
        # Not right there: it would remove the empty folders of git, too.
        shutil.copytree(work_tree, folder, dirs_exist_ok=True)
        shutil.copytree(
            ROOT / "updates", folder / "updates", ignore=shutil.ignore_patterns(*LEFTOVERS)
        )
        for name in ("cruft.json", "CHANGELOG.md"):
            shutil.copy(ROOT / name, folder)
        repository.git.add("--all")
        repository.git.commit("--allow-empty", "--quiet", "--message", "Now")
        repository.create_tag(NOW)
        # It is cloned by the hundred: one file is, sooner than thousands.
        repository.git.repack("-a", "-d", "--quiet")


@pytest.fixture
def template_to_be(history: Path, tmp_path: Path) -> Template:
    """Give a template that goes on from the work tree to releases of its own."""
    return Template(history, tmp_path / "template")


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service of the work tree, without modules."""
    return create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")


@pytest.fixture
def repository(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a repository of two services that are one release behind."""
    folder = tmp_path / "repository"
    for name in NAMES:
        answers = {"service_slug": name, **BARE}
        template = str(template_to_be.folder)
        cruft.create(template, folder / "services", extra_context=answers, checkout=NOW)
        (folder / "services" / name / "uv.lock").touch()
    (folder / "README.md").write_text("# Services\n", "utf-8")
    Repo.init(folder, initial_branch="trunk").close()
    commit(folder, "Two services")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.change("service/pyproject.toml", "[project]", "# Ours.\n[project]")
    template_to_be.add("service/VERSION", "99.1.0\n")
    template_to_be.release("99.1.0")
    return folder


@pytest.fixture
def create(history: Path, tmp_path: Path) -> Create:
    """Give the function that creates and commits a service at a version, with answers."""

    def create_in(version: str, name: str = "service", **answers: str | bool) -> Path:
        return create_service(history, version, answers, tmp_path / name)

    return create_in
