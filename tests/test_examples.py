"""An example holds what its team wrote, and nothing of the template's."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import MODULE_SEEDS, render

from examples.build import EXAMPLES, read_json

NAMES = [path.parent.name for path in EXAMPLES.glob("*/answers.json")]


@pytest.fixture(params=NAMES)
def example(request: pytest.FixtureRequest) -> Path:
    return EXAMPLES / str(request.param)


@pytest.fixture
def rendered_for(tmp_path: Path) -> Callable[[Path], Path]:
    return lambda example: render(read_json(example / "answers.json"), tmp_path)


def test_overlay_has_no_path_of_the_template(
    example: Path, rendered_for: Callable[[Path], Path]
) -> None:
    service = rendered_for(example)
    overlay = example / "service"
    paths = {str(p.relative_to(overlay)) for p in overlay.rglob("*") if p.is_file()}

    replaced = {path for path in paths if (service / path).exists()}

    assert replaced <= team_owned(service)


def test_overlay_changes_what_it_replaces(
    example: Path, rendered_for: Callable[[Path], Path]
) -> None:
    service = rendered_for(example)
    overlay = example / "service"

    assert [
        str(path)
        for path in overlay.rglob("*")
        if path.is_file()
        and (seed := service / path.relative_to(overlay)).exists()
        and seed.read_bytes() == path.read_bytes()
    ] == []


def test_removed_paths_are_seeds(example: Path, rendered_for: Callable[[Path], Path]) -> None:
    service = rendered_for(example)
    removed = read_json(example / "removed.json")

    assert [path for path in removed if not (service / path).is_file()] == []
    assert {*removed} <= team_owned(service)
    assert [
        path
        for path in removed
        if not path.startswith(("alembic/versions/", "app/idempotency.py", "tests/"))
        or "standard" in path
    ] == []


def team_owned(service: Path) -> set[str]:
    """Return the paths that the template seeds once and never updates."""
    project = tomllib.loads((service / "pyproject.toml").read_text("utf-8"))
    return {*project["tool"]["cruft"]["skip"], *{*MODULE_SEEDS}}
