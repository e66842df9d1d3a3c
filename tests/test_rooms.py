"""The rooms of the standard: each says what it gives, and neighbours use nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from rendering import SERVICE

STANDARD = SERVICE / "app" / "standard"
ROOMS = sorted(path.parent.name for path in STANDARD.glob("*/__init__.py"))
FILES = sorted(STANDARD.glob("*/*.py"))
LONGEST = 200
TESTS_OF_SERVICE = [
    SERVICE / "tests" / "standard" / name for name in ("test_contract_fuzz.py", "test_smoke.py")
]


def name_of(path: Path) -> str:
    return str(path.relative_to(STANDARD))


def modules_imported(file: Path) -> Iterator[str]:
    """Give the modules of the standard that a file imports names from."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("app.standard."):
            yield str(node.module)


@pytest.mark.parametrize("room", ROOMS)
def test_room_says_what_it_gives_and_who_calls_it(room: str) -> None:
    tree = ast.parse((STANDARD / room / "__init__.py").read_text("utf-8"))

    summary, blank, users, *more = (ast.get_docstring(tree) or "").split("\n")

    assert summary.endswith(".") and users.endswith(".")
    assert (blank, more) == ("", [])


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_neighbours_use_only_what_a_room_gives(file: Path) -> None:
    own = f"app.standard.{file.parent.name}"

    assert [
        module
        for module in modules_imported(file)
        if not f"{module}.".startswith(f"{own}.") and module.count(".") > own.count(".")
    ] == []


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_file_is_short(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= LONGEST


def test_service_has_few_tests_of_the_standard() -> None:
    assert {*SERVICE.rglob("tests/standard/test_*.py")} == {*TESTS_OF_SERVICE}
    assert sum(len(each.read_text("utf-8").splitlines()) for each in TESTS_OF_SERVICE) <= 200
