"""Format takes no part in a merge: YAML, TOML and the like, as the team's pre-commit file has it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import cruft
import npm
import pytest
from browsing import missing
from filelock import FileLock
from git import Repo
from rendering import COMBINATIONS

from updating.conftest import RELEASES
from updating.living import NOW, Create, commit, status
from updating.toy import PROJECT, Toy, write_files

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
PRETTIER, TAPLO = "prettier@3.6.2", "taplo==0.9.3"
HOOKS = """repos:
- repo: https://github.com/pre-commit/mirrors-prettier
  rev: v3.1.0
  hooks:
  - id: prettier
    types_or: [yaml, json]
    exclude: (^|/)kept/
    args: [--print-width=40]
    additional_dependencies: [prettier@3.6.2]
- repo: https://github.com/ComPWA/taplo-pre-commit
  rev: v0.9.3
  hooks:
  - id: taplo-format
"""
TEAM = {
    ".pre-commit-config.yaml": HOOKS,
    ".prettierrc": "singleQuote: true\ntabWidth: 4\n",
    "taplo.toml": "[formatting]\nindent_entries = true\ncolumn_width = 20\n",
}
COMPOSE = """services:
  web:
    image: "python:3.13"
    command: ["uvicorn", "run:app", "--port", "8080"]
    environment:
      LEVEL: "info"
"""
COMPOSE_OF_THE_TEAM = """services:
    web:
        image: 'python:3.13'
        command:
            [
                'uvicorn',
                'run:app',
                '--port',
                '8080',
            ]
        environment:
            LEVEL: 'info'
"""
LAUNCH = '{"version": "0.2.0", "configurations": [{"name": "Service", "port": 8080}]}\n'
FORMATTED = ("compose.yaml", ".vscode/launch.json", "pyproject.toml")
# No hook takes the last two.
FILES = dict(zip(FORMATTED, (COMPOSE, LAUNCH, PROJECT), strict=True)) | {
    "kept/compose.yaml": COMPOSE,
    "README.md": "*  Port 8080\n",
}


def change(text: str) -> str:
    """Return what the next release makes of a file: it changes lines that a formatter rewrites."""
    text = text.replace("8080", "9090").replace("ruff>=0.17", "ruff>=0.18")
    return text.replace('"app/api.py"', '"app/api.py", "config.py"')


@pytest.fixture(scope="module", autouse=True)
def _kept_by_npx(folder_of_the_run: Path) -> None:
    """Let npx fetch prettier once, and not in several workers at the same time."""
    if not shutil.which("npx"):
        missing("npm")
    with FileLock(folder_of_the_run / "npx.lock"):
        subprocess.run(["npx", "--yes", f"--package={PRETTIER}", "-c", "true"], check=True)


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a template with files of YAML, JSON and TOML, and a release that changes them."""
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", FILES)
    changed = {path: change(text) for path, text in FILES.items()}
    toy.release("1.2.0", changed | {"new.yaml": 'new:   "file"\n'})
    return toy


def format_all(service: Path) -> None:
    """Let the team's formatters format what its hooks take."""
    with Repo(service) as repository:
        paths = repository.git.ls_files("*.json", "*.y*ml", ":!kept", ":!.cruft.json").splitlines()
    prettier = [npm.program(PRETTIER, "prettier"), "--write", "--print-width=40", *paths]
    taplo = ["uv", "tool", "run", "--quiet", "--from", TAPLO, "taplo", "format", "pyproject.toml"]
    for command in (prettier, taplo):
        subprocess.run(command, cwd=service, check=True, capture_output=True)


def reformat(service: Path) -> None:
    """Let the team's formatters format all, and commit it."""
    format_all(service)
    commit(service, "Another format")


def read(service: Path) -> dict[str, str]:
    """Return the files of the template that a release changed."""
    return {path: (service / path).read_text("utf-8") for path in FILES}


def test_changes_arrive_in_the_format_of_the_team(toy: Toy, run: Run, tmp_path: Path) -> None:
    service = toy.create(tmp_path / "service", TEAM, version="v1.1.0")
    reformat(service)
    before = read(service)
    assert before["compose.yaml"] == COMPOSE_OF_THE_TEAM
    edit = COMPOSE_OF_THE_TEAM.replace("3.13", "3.14")
    write_files(service, {"compose.yaml": edit})

    assert run(service) == 0

    after = read(service)
    assert after["compose.yaml"] == edit.replace("8080", "9090")
    assert (service / "new.yaml").read_text("utf-8") == "new: 'file'\n"
    assert after[".vscode/launch.json"] == before[".vscode/launch.json"].replace("8080", "9090")
    project = before["pyproject.toml"].replace("0.17", "0.18")
    added = '    "app/api.py",\n    "config.py",\n'
    assert after["pyproject.toml"] == project.replace('    "app/api.py",\n', added)
    for path in ("kept/compose.yaml", "README.md"):
        assert after[path] == change(FILES[path])


def test_formatted_service_of_a_release_updates(create: Create, run_counted: Run) -> None:
    service = create(RELEASES["1.2.0"], **COMBINATIONS["flask-database"])
    write_files(service, TEAM)
    reformat(service)

    assert run_counted(service, "--to", NOW) == 0

    format_all(service)
    assert status(service) == {}


def test_service_in_a_folder_has_the_hooks_of_its_repository(
    toy: Toy, run: Run, tmp_path: Path
) -> None:
    top = tmp_path / "repository"
    service = cruft.create(str(toy.folder), top / "services", checkout="v1.1.0", extra_context={})
    theirs = COMPOSE_OF_THE_TEAM.replace("'", '"')
    files = TEAM | {
        ".pre-commit-config.yaml": HOOKS.replace("[--p", "[--config=tools/prettier.yaml, --p"),
        ".prettierrc": "tabWidth: 7\n",
        "tools/prettier.yaml": "tabWidth: 4\n",
        "services/toy/compose.yaml": theirs,
    }
    Repo.init(top, initial_branch="main").close()
    write_files(top, files)

    assert run(service) == 0

    assert (service / "compose.yaml").read_text("utf-8") == theirs.replace("8080", "9090")


def test_formatters_that_are_not_at_hand_are_told(
    toy: Toy, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    service = toy.create(tmp_path / "service", TEAM, version="v1.1.0")
    reformat(service)
    forbid_formatters(tmp_path, monkeypatch)

    assert run(service) == 2

    assert {path for path, how in status(service).items() if how == "UU"} == {*FORMATTED}
    told = capsys.readouterr().out
    for requirement in (PRETTIER, TAPLO):
        assert f"Format takes part in this merge: {requirement} is not at hand." in told


def test_formatter_works_beside_one_whose_settings_are_broken(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = toy.create(tmp_path / "service", TEAM, version="v1.1.0")
    reformat(service)
    write_files(service, {".prettierrc": "tabWidth: wide\n"})

    assert run(service) == 2

    assert {path for path, how in status(service).items() if how == "UU"} == {*FORMATTED[:2]}
    told = f"Format takes part in this merge: {PRETTIER} failed: [error] Invalid tabWidth value."
    assert told in capsys.readouterr().out


def test_service_without_such_hooks_asks_for_no_formatter(
    toy: Toy, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    hooks = "repos:\n- repo: local\n  hooks:\n  - {id: ruff, entry: ruff format}\n"
    team = {**TEAM, ".pre-commit-config.yaml": hooks}
    service = toy.create(tmp_path / "service", team, version="v1.1.0")
    note = forbid_formatters(tmp_path, monkeypatch)

    assert run(service) == 0

    assert "Format" not in capsys.readouterr().out
    assert not note.exists()


def forbid_formatters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let npm and uv have nothing; return the file that npx would leave."""
    npx = folder / "programs" / "npx"
    npx.parent.mkdir()
    npx.write_text(f"#!/bin/sh\ntouch {folder}/asked\nexit 1\n", "utf-8")
    npx.chmod(0o755)
    monkeypatch.setenv("PATH", str(npx.parent), prepend=":")
    monkeypatch.setenv("UV", str(folder / "no-uv"))
    return folder / "asked"


def test_hooks_that_cannot_be_read_are_told(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    team = {**TEAM, ".pre-commit-config.yaml": "repos: ["}
    service = toy.create(tmp_path / "service", team, version="v1.1.0")

    assert run(service) == 0

    told = "Format takes part in this merge: .pre-commit-config.yaml cannot be read: ParserError."
    assert told in capsys.readouterr().out
    assert (service / "compose.yaml").read_text("utf-8") == change(COMPOSE)
