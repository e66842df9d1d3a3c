"""What a team's pre-commit file says of formatters, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import cruft
import npm
import pytest
from git import Repo

from updates.formats.formatters import find_formatter
from updates.formats.pre_commit import FILE, find_hooks, find_requirement
from updates.service import Service
from updating.test_hooks import COMPOSE, HOOKS, PRETTIER, TAPLO, TEAM
from updating.toy import PROJECT, Toy, write_files

WARNED = "WARN invalid configuration file"


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a template of a few files."""
    return Toy(tmp_path / "template")


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (
            ".prettierrc",
            "singleQuote: {\n",
            f'{PRETTIER} failed: [error] Invalid configuration for file "compose.yaml"',
        ),
        (".prettierrc", "tabWidth: wide\n", f"{PRETTIER} failed: [error] Invalid tabWidth value."),
        (
            ".prettierrc.js",
            "export default {}",
            ".prettierrc.js is a program, which no update runs",
        ),
        ("taplo.toml", "[formatting]\nindent_string = 4\n", f"{TAPLO} failed: {WARNED}"),
        ("taplo.toml", "[formatting\n", f"{TAPLO} failed: {WARNED}"),
        (FILE, HOOKS.replace("rev: v0.9.3", "rev: main"), f"{FILE} has no version of taplo"),
        (FILE, "repos: [{hooks: [{id: yamlfmt}]}]", "yamlfmt is not known"),
    ],
)
def test_what_hinders_a_formatter_is_told(
    path: str, text: str, told: str, toy: Toy, tmp_path: Path
) -> None:
    npm.installed(PRETTIER)
    service = toy.create(tmp_path / "service", {**TEAM, path: text})
    problems = []
    for number, hook in enumerate(find_hooks(Service(service))):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / "compose.yaml").write_text(COMPOSE, "utf-8")
        (folder / "pyproject.toml").write_text(PROJECT, "utf-8")
        hook.configure(folder)
        problems.append(hook.run([folder]))

    [problem] = filter(None, problems)

    assert problem.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("repos: [", "ParserError"),
        ("repos: [{hooks: [{}]}]", "KeyError"),
        (HOOKS.replace("types_or: [yaml, json]", "files: '['"), "error"),
    ],
)
def test_file_that_cannot_be_read_is_told(text: str, told: str, toy: Toy, tmp_path: Path) -> None:
    service = toy.create(tmp_path / "service", {FILE: text})

    with pytest.raises(ValueError, match=f"^{FILE} cannot be read: {told}$"):
        find_hooks(Service(service))


def test_settings_are_those_beside_a_file_and_what_options_name(toy: Toy, tmp_path: Path) -> None:
    names = ("package.json", ".editorconfig", ".prettierignore", "docs/.prettierrc.json", "own.txt")
    hooks = HOOKS.replace("[--p", "[--ignore-path=own.txt, --p")
    files = {FILE: hooks, "docs/other.json": "{}\n"} | dict.fromkeys(names, "{}\n")
    service = toy.create(tmp_path / "service", files)

    prettier, _ = find_hooks(Service(service))

    assert prettier.settings == dict.fromkeys(names, "{}\n")


def test_bare_clone_of_several_services_finds_the_formatters(toy: Toy, tmp_path: Path) -> None:
    top = tmp_path / "repository"
    cruft.create(str(toy.folder), top / "services", extra_context={}, checkout="v1.0.0")
    Repo.init(top, initial_branch="main").close()
    write_files(top, TEAM)
    Repo.clone_from(top, tmp_path / "bare", bare=True).close()
    npm.installed(PRETTIER)

    service = Service(tmp_path / "bare", "services/toy/")

    assert all(hook.find_program() for hook in find_hooks(service))
    assert find_formatter(service).run([tmp_path / "repository" / "services" / "toy"]) == ""


def test_hooks_take_what_pre_commit_gives_them(toy: Toy, tmp_path: Path) -> None:
    hooks = (
        HOOKS + "  - id: prettier\n    files: \\.md$\n    exclude_types: [yaml]\nexclude: ^old\n"
    )
    service = toy.create(tmp_path / "service", {**TEAM, FILE: hooks})
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
    service = toy.create(tmp_path / "service", {FILE: hooks})

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
