"""Every combination of answers, and each example, makes a service that passes its own checks.

The standard in it passes the tests of the standard, which only the template has.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from interpreters import OUR_PYTHON, find_interpreter
from rendering import CHOICES, CHOSEN, COMBINATIONS, MODULES, QUESTIONS

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "floors": ["lint-imports", "--no-cache"],
    "suite": ["python", "-m", "pytest", "--quiet", "-p", "no:cacheprovider"],
}
# It is the one that takes long, and is run where the tests of the standard are.
FUZZ = "tests/standard/test_contract_fuzz.py"
EXAMPLES = ["directmail"]
EVERYTHING_ON = [
    name for name, answers in COMBINATIONS.items() if all(answers[module] for module in MODULES)
]
# What a module does to a service depends little on whether it runs on one framework or another, so
# those with some modules take turns. Those with all run on each Python, below.
FRAMEWORKS = QUESTIONS["framework"]
TESTED_WHOLLY = [
    name
    for name, answers in COMBINATIONS.items()
    if (choice := CHOICES.index({module: bool(answers[module]) for module in CHOSEN})) == 0
    or (choice < len(CHOICES) - 1 and answers["framework"] == FRAMEWORKS[choice % len(FRAMEWORKS)])
]
# Their own suite runs with the tests of the standard, which takes one start less.
CHECKED = [
    (name, check)
    for name in (*COMBINATIONS, *EXAMPLES)
    for check in CHECKS
    if check != "suite" or name not in TESTED_WHOLLY
]
# In turn: what Python and what framework do to a service has little to do with each other. Only
# the newest, which new services get, runs them all.
NEWEST, *OLDER = QUESTIONS["python_version"]
ON_PYTHONS = [
    *itertools.product([NEWEST], EVERYTHING_ON),
    *zip(OLDER, EVERYTHING_ON, strict=True),
]


@pytest.mark.parametrize(("name", "check"), CHECKED)
def test_service_passes_its_checks(
    name: str,
    check: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> None:
    folder = service(name)
    # Its own suite tells whether a service asks for all that it needs; the rest reads files.
    asks = folder if check == "suite" else service(with_everything_on(name))
    options = [f"--ignore={FUZZ}"] if check == "suite" and name in COMBINATIONS else []

    run([*CHECKS[check], *options], folder, environment(asks, OUR_PYTHON), service_variables)


@pytest.mark.parametrize("name", TESTED_WHOLLY)
def test_service_and_standard_pass_their_tests(
    name: str,
    rendered_with_tests: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> None:
    folder = rendered_with_tests(name)

    run(CHECKS["suite"], folder, environment(folder, OUR_PYTHON), service_variables)


@pytest.mark.parametrize("check", ["lint", "format", "types"])
@pytest.mark.parametrize("name", EVERYTHING_ON)
def test_tests_of_the_standard_pass_the_checks_of_a_service(
    name: str,
    check: str,
    rendered_with_tests: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> None:
    folder = rendered_with_tests(name)

    run(CHECKS[check], folder, environment(folder, OUR_PYTHON), service_variables)


@pytest.mark.parametrize(("version", "name"), ON_PYTHONS)
def test_suite_passes_on_each_python(
    name: str,
    version: str,
    rendered_with_tests: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> None:
    if find_interpreter(version) is None and not os.environ.get("CI"):
        pytest.skip(f"there is no Python {version} here")
    folder = rendered_with_tests(name)

    run(CHECKS["suite"], folder, environment(folder, version), service_variables)


def with_everything_on(name: str) -> str:
    """Return the combination that asks for what another one does, and has most modules beside."""
    if name not in COMBINATIONS:
        return name
    answers = COMBINATIONS[name]
    same = ("framework", "queue") if answers["use_worker"] else ("framework",)
    return max(
        (
            each
            for each, others in COMBINATIONS.items()
            if all(others[answer] == answers[answer] for answer in same)
            # It asks for what no other deployment does.
            and (others["deploy"] == "lambda" or answers["deploy"] != "lambda")
            and all(others[module] or not answers[module] for module in MODULES)
        ),
        key=lambda each: sum(bool(COMBINATIONS[each][module]) for module in MODULES),
    )


def run(command: list[str], folder: Path, environment: Path, variables: dict[str, str]) -> None:
    """Run a command of a service's environment in its folder; fail with what it printed."""
    program = environment / "bin" / command[0]
    result = subprocess.run(
        [program, *command[1:]], cwd=folder, env=variables, text=True, capture_output=True
    )

    if result.returncode:
        pytest.fail(f"{' '.join(command)}\n{result.stdout}{result.stderr}", pytrace=False)
