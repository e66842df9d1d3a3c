"""The list of services is read strictly, and nothing that is printed tells a secret."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from rendering import ROOT

from fleet.services import Listed, Wrong, read_services
from fleet.table import draw
from fleet.workers import spread
from fleets.conftest import SECRET, Run
from updates.commands import redact


def write(folder: Path, services: Any) -> Path:
    file = folder / "cruft.json"
    file.write_text(json.dumps({"services": services}), "utf-8")
    return file


def test_defaults_are_main_and_the_newest_release(tmp_path: Path) -> None:
    file = write(tmp_path, [{"name": "letters", "url": "git@host:letters.git"}])

    assert read_services(file) == [Listed("letters", "git@host:letters.git", "main", "release")]


def test_path_is_relative_to_the_list(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    file = write(tmp_path, [{"name": "letters", "url": "letters"}])

    assert read_services(file)[0].url == str(tmp_path / "letters")


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ({}, '"services" must be a list'),
        (["letters"], "cruft.json, service 1 must be"),
        ([{"name": "letters"}], 'service 1: "url" must be text'),
        ([{"url": SECRET}], 'service 1: "name" must be text'),
        ([{"name": "a", "url": SECRET, "chanel": SECRET}], "has chanel, which is unknown"),
        ([{"name": "a", "url": SECRET, "branch": None}], '"branch" must be text'),
        ([{"name": "a", "url": f"--{SECRET}"}], '"url" must be text'),
        ([{"name": "a", "url": SECRET}] * 2, "names must differ, and these do not: a"),
    ],
)
def test_wrong_list_is_refused_with_what_is_wanted(
    services: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Wrong) as refusal:
        read_services(write(tmp_path, services))

    assert said in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_unreadable_list_is_2(run: Run, tmp_path: Path) -> None:
    finished = run([], f"--services={tmp_path / 'missing.json'}", "--json")

    assert (finished.returncode, finished.stdout) == (2, "")
    assert "missing.json cannot be read: FileNotFoundError" in finished.stderr


def test_list_of_this_template_is_read() -> None:
    read_services(ROOT / "cruft.json")


@pytest.mark.parametrize("arguments", [["update", "--verify"], ["--no-check"], ["upgrade"]])
def test_options_that_do_not_go_together_are_2(arguments: list[str], run: Run) -> None:
    assert run([], *arguments).returncode == 2


def test_no_services_are_an_empty_array(run: Run) -> None:
    finished = run([], "update", "--json")

    assert (finished.returncode, finished.stdout) == (0, "[]\n")
    assert "lists no services" in finished.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at https://me:s3cr3t@host/x.git'", "at https://host/x.git'"),
        ("https://s3cr3t@host", "https://host"),
        ("https://me:s3@cr3t@host/a@b", "https://host/a@b"),
        ("git@host:group/x.git and me@example.org", "git@host:group/x.git and me@example.org"),
    ],
)
def test_secrets_of_addresses_are_removed(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_cell_stays_on_its_line() -> None:
    assert draw([("a", "b"), ("one\ntwo", "")]) == "a        b\none two  -"


def die(listed: Listed) -> str:
    os._exit(1)


def lose(listed: Listed, error: Exception) -> str:
    return f"{listed.name}: {type(error).__name__}"


def test_service_whose_process_dies_is_told() -> None:
    told: list[str] = []

    lost = spread(die, [Listed("a", "a")], lose, lambda number, outcome: told.append(outcome))

    assert lost == told == ["a: BrokenProcessPool"]
