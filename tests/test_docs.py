"""The documentation agrees with the code."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from rendering import MODULES, QUESTIONS, ROOT, SERVICE

DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
PIPELINES = [ROOT / ".ci" / "run", ROOT / ".gitlab-ci.yml"]
STANDARD = SERVICE / "app" / "standard"
PORT = "DEFAULT_HTTP_PORT"

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)")
SESSION = re.compile(r"\bnox -s ([a-z]+)")
SETTING_ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]+) \|", re.MULTILINE)
SETTING_LINE = re.compile(r"^([A-Z_]+)=(.*)$", re.MULTILINE)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_settings_in_the_docs_are_those_of_the_code() -> None:
    tables = [row for page in PAGES for row in SETTING_ROW.findall(page.read_text("utf-8"))]
    special = {"": "none", PORT: "the answer `http_port`"}

    assert sorted(tables) == sorted(
        (name, special.get(default, f"`{default}`")) for name, default in settings().items()
    )


def test_settings_of_the_example_are_those_of_the_code() -> None:
    lines = SETTING_LINE.findall((SERVICE / ".env.example").read_text("utf-8"))
    special = {PORT: "{{ cookiecutter.http_port }}"}

    assert sorted(lines) == sorted(
        (name, special.get(default, default)) for name, default in settings().items()
    )


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files(page: Path) -> None:
    targets = LINK.findall(page.read_text("utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_is_linked_from_the_index() -> None:
    linked = {(DOCS / target).resolve() for target in LINK.findall(INDEX.read_text("utf-8"))}

    assert set(DOCS.rglob("*.md")) - {INDEX} <= linked


@pytest.mark.parametrize("page", [*PAGES, *PIPELINES], ids=name_of)
def test_sessions_that_are_named_exist(page: Path) -> None:
    assert set(SESSION.findall(page.read_text("utf-8"))) <= sessions()


def test_pipeline_runs_what_the_script_runs() -> None:
    script, pipeline = (re.findall(r"uvx nox .*", path.read_text("utf-8")) for path in PIPELINES)

    assert script == pipeline


def test_readme_names_every_question_and_module() -> None:
    text = README.read_text("utf-8")

    assert [name for name in QUESTIONS if f"`{name}`" not in text] == []
    assert [name for name in MODULES if f"[{name.removeprefix('use_')}](" not in text] == []


def test_paths_of_the_tree_exist() -> None:
    assert [path for path in tree() if not (SERVICE / path).exists()] == []


def test_owners_of_the_tree_are_those_of_the_updates() -> None:
    project = tomllib.loads((SERVICE / "pyproject.toml").read_text("utf-8"))

    assert set(tree().values()) == {"template", "team", "both"}
    assert {path: tree()[path] for path in project["tool"]["cruft"]["skip"]} == dict.fromkeys(
        project["tool"]["cruft"]["skip"], "team"
    )


def test_tree_of_a_service_is_as_that_of_the_template() -> None:
    text = (SERVICE / "README.md").read_text("utf-8")
    (block,) = re.findall(r"```\n(api-spec.*?)```", text, re.S)
    rows = [line for line in block.splitlines() if not line.startswith("#")]
    owners = dict(paths_and_owners("\n".join(rows)))

    written_later = {"uv.lock", "…"}
    assert [path for path in owners.keys() - written_later if not [*SERVICE.glob(path)]] == []
    both = owners.keys() & tree().keys()
    assert {path: owners[path] for path in both} == {path: tree()[path] for path in both}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_snippets_are_valid_and_import_what_exists(page: Path) -> None:
    for language, code in re.findall(r"```(python|yaml)\n(.*?)```", page.read_text("utf-8"), re.S):
        if language == "yaml":
            assert yaml.safe_load(code)
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("app.standard."):
                missing = {alias.name for alias in node.names} - defined(str(node.module))
                assert not missing, node.module


def settings() -> dict[str, str]:
    """Map the settings of the standard to their defaults, as a ``.env`` file writes them."""
    return {name: default(field.value) for name, field in fields().items()}


def settings_of_providers() -> set[str]:
    """Return the settings that one or the other provider wants, by the page on the login."""
    page = (ROOT / "docs" / "auth.md").read_text("utf-8").partition("\n## Providers\n")[2]
    found = {*re.findall(r"\b(?:AUTH|SWAGGER_UI)_[A-Z_]+(?==)", page.partition("\n## ")[0])}
    assert {"AUTH_AUDIENCE_CLAIM", "AUTH_TENANTS", "SWAGGER_UI_LOGIN_PARAMETERS"} < found
    return found


def fields() -> dict[str, ast.AnnAssign]:
    """Return the fields of the classes of settings, by the names of the settings."""
    return {
        field.target.id.upper(): field
        for path in STANDARD.rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id.endswith("Settings") for base in node.bases)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    }


def default(value: ast.expr | None) -> str:
    """Write a default as a ``.env`` file does; one that Jinja fills in, by its name."""
    if isinstance(value, ast.Call):
        value = next((word.value for word in value.keywords if word.arg == "default"), None)
    if isinstance(value, ast.Name):
        return value.id
    found = ast.literal_eval(value) if value else None
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, float):
        return f"{found:g}"
    return "" if found in (None, ()) else str(found)


def sessions() -> set[str]:
    """Return the names of nox's sessions."""
    module = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    return {f.name for f in functions if "nox.session" in map(ast.unparse, f.decorator_list)}


def tree() -> dict[str, str]:
    """Map the paths of the service tree in the README to their owners."""
    (block,) = re.findall(r"```text\n(.*?)```", README.read_text("utf-8"), re.S)
    return dict(paths_and_owners(block))


def paths_and_owners(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        paths, _, owner = re.split(r" {2,}", line)
        for path in paths.split():
            yield path, owner


def defined(module: str) -> set[str]:
    """Return the names that a room of the standard, or a file in it, gives."""
    place = SERVICE / module.replace(".", "/")
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    names = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names
