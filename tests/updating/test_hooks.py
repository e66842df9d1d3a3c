"""Format takes no part in a merge: YAML, TOML and the like, as the team's pre-commit file has it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import cruft
import npm
import pytest
from git import Repo

from updates.formats.pre_commit import find_hooks, find_requirement
from updates.service import Service
from updating.living import commit, status
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


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a template with files of YAML, JSON and TOML, and a release that changes them."""
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", FILES)
    changed = {path: change(text) for path, text in FILES.items()}
    toy.release("1.2.0", changed | {"new.yaml": 'new:   "file"\n'})
    return toy


def reformat(service: Path) -> None:
    """Let the team's formatters format what its hooks take, and commit it."""
    prettier = [npm.program(PRETTIER, "prettier"), "--write", "--print-width=40"]
    taplo = ["uv", "tool", "run", "--quiet", "--from", TAPLO, "taplo", "format"]
    for command in ([*prettier, *FORMATTED[:2]], [*taplo, FORMATTED[2]]):
        subprocess.run(command, cwd=service, check=True, capture_output=True)
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


def test_service_in_a_folder_has_the_hooks_of_its_repository(
    toy: Toy, run: Run, tmp_path: Path
) -> None:
    top = tmp_path / "repository"
    service = cruft.create(str(toy.folder), top / "services", checkout="v1.1.0")
    hooks = HOOKS.replace("args: [", "args: [--config=tools/prettier.yaml, ")
    Repo.init(top, initial_branch="main").close()
    write_files(
        top, {**TEAM, ".pre-commit-config.yaml": hooks, "tools/prettier.yaml": "tabWidth: 4"}
    )
    write_files(top, {".prettierrc": "tabWidth: 7\n"})
    theirs = COMPOSE_OF_THE_TEAM.replace("'", '"')
    write_files(service, {"compose.yaml": theirs})

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


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (".prettierrc", "singleQuote: {\n", f"{PRETTIER} failed: [error] Invalid configuration"),
        (".prettierrc", "tabWidth: wide\n", f"{PRETTIER} failed: [error] Invalid tabWidth value."),
        (
            ".prettierrc.js",
            "export default {}",
            ".prettierrc.js is a program, which no update runs",
        ),
        ("taplo.toml", "[formatting]\nindent_string = 4\n", f"{TAPLO} failed: "),
        ("taplo.toml", "[formatting\n", f"{TAPLO} failed: "),
        (".pre-commit-config.yaml", "repos: [", ".pre-commit-config.yaml cannot be read: Par"),
        (".pre-commit-config.yaml", "repos: [{hooks: [{}]}]", ".pre-commit-config.yaml cannot be "),
        (
            ".pre-commit-config.yaml",
            HOOKS.replace("types_or: [yaml, json]", "files: '['"),
            ".pre-commit-config.yaml cannot be read: error",
        ),
        (
            ".pre-commit-config.yaml",
            HOOKS.replace("rev: v0.9.3", "rev: main"),
            ".pre-commit-config.yaml has no version of taplo.",
        ),
        (
            ".pre-commit-config.yaml",
            "repos: [{repo: local, hooks: [{id: yamlfmt}]}]",
            "yamlfmt is not known.",
        ),
    ],
)
def test_what_is_wrong_with_hooks_and_settings_is_told(
    path: str, text: str, told: str, toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    npm.installed(PRETTIER)
    service = toy.create(tmp_path / "service", {**TEAM, path: text}, version="v1.1.0")

    assert run(service) == 0

    assert f"Format takes part in this merge: {told}" in capsys.readouterr().out
    assert (service / "compose.yaml").read_text("utf-8") == change(COMPOSE)


def test_hooks_take_what_pre_commit_gives_them(toy: Toy, tmp_path: Path) -> None:
    hooks = (
        HOOKS + "  - id: prettier\n    files: \\.md$\n    exclude_types: [yaml]\nexclude: ^old\n"
    )
    service = toy.create(tmp_path / "service", {**TEAM, ".pre-commit-config.yaml": hooks})
    paths = ("a.yml", "a.json", "kept/a.yml", "a.toml", "taplo.toml", "a.md", "old.md", "a.py", "b")

    taken = [[path for path in paths if hook.takes(path)] for hook in find_hooks(Service(service))]

    assert taken == [["a.yml", "a.json"], ["a.toml"], ["a.md"]]


@pytest.mark.parametrize(
    ("args", "entry", "options"),
    [
        ("[--write, --tab-width, '4']", "", ["--tab-width", "4"]),
        ("[--check]", "npx prettier@3.6.2 --write --no-semi", ["--no-semi"]),
        ("[]", "npm run format", []),
    ],
)
def test_options_are_those_of_the_hook(
    args: str, entry: str, options: list[str], toy: Toy, tmp_path: Path
) -> None:
    hooks = f"repos: [{{repo: local, hooks: [{{id: prettier, entry: {entry!r}, args: {args}}}]}}]"
    service = toy.create(tmp_path / "service", {".pre-commit-config.yaml": hooks})

    [hook] = find_hooks(Service(service))

    assert hook.options == options


@pytest.mark.parametrize(
    ("name", "rev", "more", "wanted"),
    [
        ("prettier", "v3.1.0", [], "prettier@3.1.0"),
        ("prettier", "v3.1.0", ["prettier-plugin-sh@0.1", "prettier@^3.6"], "prettier@^3.6"),
        ("prettier", "c2bc67f", [], "prettier@3.7.0"),
        ("taplo", "v0.9.3", ["cli:taplo-cli:0.9.0"], "taplo==0.9.0"),
        ("taplo", "main", ["taplo==0.8.1"], "taplo==0.8.1"),
        ("prettier", "", ["prettier@file:../other"], ""),
    ],
)
def test_version_is_that_of_the_hook(name: str, rev: str, more: list[str], wanted: str) -> None:
    text = "  rev: c2bc67f  # frozen: v3.7.0\n"

    assert find_requirement(name, {"rev": rev}, {"additional_dependencies": more}, text) == wanted
