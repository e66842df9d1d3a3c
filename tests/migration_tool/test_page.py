"""The commands of docs/migrating/tool.md do what the page says, as they stand there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import ROOT

from migrate.reasons import HOOKS, KINDS, REASONS
from migration_tool.conftest import SERVICES, Migrated, Tool, write_files
from migration_tool.test_new_services import ask, compare

PAGE = (ROOT / "docs" / "migrating" / "tool.md").read_text("utf-8")
COMMANDS = re.findall(r"^```sh\n(.+?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
TOOL = "uvx nox -s migrate -- "


def test_commands_are_those_that_are_followed() -> None:
    assert [command.startswith(TOOL) for command in COMMANDS] == [True, True, False]


def test_commands_move_a_service(
    npm: None, tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "pets", SERVICES["pets"])
    (tmp_path / "template").mkdir()
    monkeypatch.chdir(tmp_path / "template")
    plain, to_fastapi, marks = COMMANDS

    status, output, complaint = tool(*shlex.split(plain.removeprefix(TOOL)))
    assert (status, complaint) == (0, "")
    assert output.startswith(f"{tmp_path}/pets-migrated\noperations: 10, of which 6 run; ")

    found = subprocess.run(
        ["bash", "-c", marks], cwd=tmp_path / "pets-migrated", capture_output=True, encoding="utf-8"
    )
    assert sorted(re.findall(r"^[^:]+:\d+", found.stdout, re.M)) == sorted(
        re.findall(r"^  (\S+:\d+): ", output, re.M)
    )

    status, output, complaint = tool(*shlex.split(to_fastapi.removeprefix(TOOL)))
    folder = tmp_path / "pets-on-fastapi"
    assert (status, complaint) == (0, "")
    assert len(json.loads(output)["operations"]) == 10
    assert '"fastapi>=' in (folder / "pyproject.toml").read_text("utf-8")
    compare("pets", ask("pets", folder))


def test_snippet_is_what_the_tool_writes(migrated: Callable[[str], Migrated]) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    assert snippet in (migrated("pets").folder / "app" / "api" / "api.py").read_text("utf-8")


def test_page_names_every_kind_of_mark() -> None:
    kinds = {what for _, what, _ in REASONS} | {*HOOKS.values()} | {*KINDS}

    assert [each for each in sorted(kinds - NAMED_OTHERWISE) if each not in PAGE] == []


# Kinds that the page describes in words of its own.
NAMED_OTHERWISE = {
    *(
        "argument",
        "coroutine",
        "decorator",
        "failures",
        "file",
        "handler",
        "other parts of a framework",
        "rest",
        "responses",
    ),
    *("routes", "templates and files", "test clients", "text", "the context", "the request"),
    "the request or application of aiohttp",
}
