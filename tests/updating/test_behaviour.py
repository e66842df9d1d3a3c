"""What an update says of itself: behaviour, and the entries that concern the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from git import Repo

from updates.arguments import CONFLICTS
from updates.behaviour import describe_behaviour
from updates.changelog import choose_entries
from updating.living import commit
from updating.toy import PROJECT, Toy

Run = Callable[..., int]
SETTINGS = """from pydantic import Field

PORT = 8080


class HttpSettings(ServiceSettings):
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=PORT, ge=0)
    token: str
    gone: bool = False


class Other:
    field: int = 1
"""
CONTRACT = """openapi: 3.0.3
paths:
  /healthz:
    get: {operationId: a.b}
    parameters: []
  /old:
    post: {operationId: a.c}
components:
  schemas:
    Problem: {type: object}
"""
ANSWERS = {"use_database": False, "use_auth": True, "framework": "async", "name": "x"}
QUESTIONS = {"use_database": True, "use_auth": True, "framework": ["flask", "async"], "name": "y"}


def describe(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the lines about what two sets of files do."""
    with Repo.init(folder) as repository:
        trees = []
        for files in (before, after):
            for path, text in files.items():
                (folder / path).parent.mkdir(exist_ok=True)
                (folder / path).write_text(text, "utf-8")
            commit(folder, "Change")
            trees.append(repository.head.commit.tree.hexsha)
    return describe_behaviour(folder, *trees).splitlines()


def test_settings_are_told(tmp_path: Path) -> None:
    after = SETTINGS.replace("= 8080", "= 9090").replace("    gone: bool = False\n", "")
    after = after.replace("    token: str\n", "    token: str\n    fresh: bool = True\n")
    after = after.replace("field: int", "other: int")

    assert describe(tmp_path, {"settings.py": SETTINGS}, {"settings.py": after}) == [
        "Settings:",
        "- fresh is new: True",
        "- gone is gone",
        "- http_port was 8080, is 9090",
    ]


def test_setting_that_must_be_set_is_told(tmp_path: Path) -> None:
    after = SETTINGS.replace('http_host: str = "127.0.0.1"', "http_host: str")

    assert describe(tmp_path, {"settings.py": SETTINGS}, {"settings.py": after}) == [
        "Settings:",
        "- http_host was '127.0.0.1', is must be set",
    ]


def test_contract_is_told(tmp_path: Path) -> None:
    after = CONTRACT.replace("/old", "/new").replace("a.b", "a.d").replace("Problem", "Fault")

    assert describe(tmp_path, {"health.yml": CONTRACT}, {"health.yml": after}) == [
        "Contract:",
        "- GET /healthz is changed",
        "- POST /new is new",
        "- POST /old is gone",
        "- the schema Fault is new",
        "- the schema Problem is gone",
    ]


def test_contracts_of_tests_are_not_told(tmp_path: Path) -> None:
    assert describe(tmp_path, {"tests/probe.yml": CONTRACT}, {"tests/probe.yml": ""}) == []


def test_dependencies_are_told(tmp_path: Path) -> None:
    old = PROJECT.replace("dependencies = []", 'dependencies = ["a>=1", "b[x]>=2,<3"]')
    new = PROJECT.replace("dependencies = []", 'dependencies = ["c", "b[x]>=3"]')

    assert describe(tmp_path, {"pyproject.toml": old}, {"pyproject.toml": new}) == [
        "Dependencies:",
        "- a is gone",
        "- b was [x]>=2,<3, is [x]>=3",
        "- c is new",
    ]


@pytest.mark.parametrize("path", ["settings.py", "health.yml", "pyproject.toml"])
def test_file_with_markers_has_no_behaviour(path: str, tmp_path: Path) -> None:
    text = "<<<<<<< service\nclass A(Settings):\npaths:\n- b: {\n"

    assert describe(tmp_path, {path: ""}, {path: text}) == []


def test_what_has_conflicts_is_not_said_to_be_gone(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", {"pyproject.toml": PROJECT.replace("= []", '= ["orjson>=3"]')})
    service = toy.create(tmp_path / "service")
    project = service / "pyproject.toml"
    project.write_text(PROJECT.replace("= []", '= ["structlog>=26"]'), "utf-8")
    commit(service, "A dependency")

    assert run(service) == CONFLICTS

    said = capsys.readouterr().out
    assert "pyproject.toml: both changed it" in said
    assert "Dependencies:" not in said


def test_behaviour_stands_in_the_message(run: Run, tmp_path: Path) -> None:
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", {"app/standard/settings.py": SETTINGS})
    service = toy.create(tmp_path / "service")

    assert run(service) == 0

    with Repo(service) as repository:
        assert "\nSettings:\n- gone is new: False\n" in str(repository.head.commit.message)


def entry(text: str, *files: str) -> str:
    """Return an entry of the changelog that names files."""
    named = ", ".join(f"`{file}`" for file in files)
    return f"- {text}.\n" + f"  Files: {named}.\n" * bool(files) + "  After the update: nothing."


@pytest.mark.parametrize(
    ("files", "is_told"),
    [
        ((), True),
        (("app/standard/http/",), True),
        (("app/standard/auth/",), True),
        (("app/standard/database/",), False),
        (("app/standard/database/pool.py", "tests/standard/database_fixtures.py"), False),
        (("app/standard/database_export/",), False),
        (("app/standard/framework/flask_app.py",), False),
        (("app/standard/framework/async_app.py",), True),
        (("app/standard/database/", "pyproject.toml"), True),
    ],
)
def test_entries_are_those_that_the_answers_concern(files: tuple[str, ...], is_told: bool) -> None:
    changelog = "\n".join(["1.1.0", "", "Added:", "", entry("One", *files), entry("Two")])

    chosen = choose_entries(changelog, ANSWERS, QUESTIONS)

    assert ("One" in chosen, "Two" in chosen) == (is_told, True)
    if is_told:
        assert chosen == changelog


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, ["compose.yaml", "clients/typescript/"]),
        ({"deploy": "compose"}, ["compose.production.yaml", "compose.yaml", "clients/typescript/"]),
        ({"deploy": "lambda"}, ["compose.yaml", "clients/typescript/", "scripts/deploy_lambda.sh"]),
        ({"use_telemetry": True}, ["compose.yaml", "clients/typescript/", "deploy/observability/"]),
        ({"use_clients": True, "use_typescript_client": False}, ["compose.yaml", "app/clients/"]),
    ],
)
def test_files_are_of_the_module_that_writes_them(answers: dict[str, Any], told: list[str]) -> None:
    questions = {
        "deploy": ["none", "compose", "lambda"],
        "use_telemetry": False,
        "use_clients": False,
        "use_typescript_client": True,
    }
    files = [
        "compose.production.yaml",
        "compose.yaml",
        "app/clients/",
        "clients/typescript/",
        "deploy/observability/",
        "scripts/deploy_lambda.sh",
    ]
    changelog = "\n".join(["1.1.0", "", "Added:", "", *(entry("One", file) for file in files)])

    # What is not answered yet is as the question has it.
    chosen = choose_entries(changelog, answers, questions)

    assert [file for file in files if f"`{file}`" in chosen] == told


def test_seeds_of_new_services_do_not_count() -> None:
    pool = "- Pool.\n  Files: `app/standard/database/pool.py`, and of new services `app/api.py`.\n"

    assert choose_entries(f"1.1.0\n\nAdded:\n\n{pool}", ANSWERS, QUESTIONS) == ""


def test_headings_without_entries_go() -> None:
    off, on = entry("Off", "app/standard/database/"), entry("On")
    parts = [
        "1.2.0",
        "",
        "Added:",
        "",
        off,
        "",
        "Changed:",
        "",
        on,
        "",
        "1.1.0",
        "",
        "Added:",
        "",
        off,
    ]

    chosen = choose_entries("\n".join(parts), ANSWERS, QUESTIONS)

    assert chosen == "\n".join(["1.2.0", "", "Changed:", "", on])
