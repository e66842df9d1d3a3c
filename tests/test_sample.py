"""A service without the sample has no trace of it, and is formatted, with every choice."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from contracts import run_script
from interpreters import OUR_PYTHON
from rendering import CHOICES, COMBINATIONS, MODULES, QUESTIONS, render
from test_manifest import empty_folders
from test_services import CHECKS, run

# What the modules are on does not change with the framework: they take turns.
TURNS = {
    f"{number}-{framework}": answers
    for number, (modules, framework) in enumerate(
        zip(CHOICES, itertools.cycle(QUESTIONS["framework"]), strict=False)
    )
    for answers in COMBINATIONS.values()
    if answers["framework"] == framework and modules.items() <= answers.items()
}
# These run, on each framework and with each queue, and on the most that there is.
RUN: dict[str, dict[str, str | bool]] = {
    "flask": {**dict.fromkeys(MODULES, True), "framework": "flask"},
    "async": {"framework": "async", "queue": "celery", "use_worker": True, "use_database": False},
    "fastapi": {**dict.fromkeys(MODULES, True), "framework": "fastapi", "queue": "celery"},
}
# The standard has examples of its own, in words.
TRACES = re.compile(
    r"ItemRow|ItemFilters|ItemNotFound|NewItem|item_id|idempotency|app[./]exports|"
    r"create_items|create_exports|list_items|items\.(read|write)|\bthe sample\b|sample=none"
)
ELSEWHERE = ("app/standard", "development/tokens.py", "app/routes.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render each choice without the sample."""
    place = tmp_path_factory.mktemp("without-sample")
    for name, answers in TURNS.items():
        render({**answers, "sample": "none"}, place / name)
    return place


def test_each_choice_is_rendered() -> None:
    assert len(TURNS) == len(CHOICES)


@pytest.mark.parametrize("check", [["check"], ["format", "--check"]], ids=str)
def test_services_are_clean(folder: Path, check: list[str]) -> None:
    command = [sys.executable, "-m", "ruff", *check, "--quiet", "--no-cache"]

    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", TURNS)
def test_nothing_is_left(folder: Path, name: str) -> None:
    (service,) = (folder / name).iterdir()

    assert [
        f"{path.relative_to(service)}: {line}"
        for path in service.rglob("*")
        if path.is_file() and not str(path.relative_to(service)).startswith(ELSEWHERE)
        for line in [path.name, *path.read_text("utf-8").splitlines()]
        if TRACES.search(line)
    ] == []
    assert empty_folders(service) == []
    contract = yaml.safe_load((service / "api-spec.yml").read_text("utf-8"))
    assert contract["paths"] == {}
    assert contract["components"].keys() <= {"responses", "schemas", "securitySchemes"}
    assert [*contract["components"]["schemas"]] == ["Problem"]


@pytest.mark.parametrize("name", RUN)
def test_service_runs_and_passes_its_checks(
    name: str,
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    service = render({**RUN[name], "sample": "none"}, tmp_path)
    place = environment(service, OUR_PYTHON)

    for command in CHECKS.values():
        run(command, service, place, service_variables)
    linted = run_script(service, "lint")
    assert linted.returncode == 0, linted.stdout
