"""The sample leaves a service that is green and clean, and stays away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import COMBINATIONS, MODULES

from updating import team
from updating.conftest import RELEASES
from updating.living import NOW, Create, Template, clone, commit, files, status
from updating.test_toggles import history_of

Run = Callable[..., int]
EVERYTHING = dict.fromkeys(MODULES, True)
ANSWERS: dict[str, dict[str, str | bool]] = {
    "flask": {**EVERYTHING, "framework": "flask"},
    "async": {**EVERYTHING, "framework": "async", "queue": "celery", "use_csv_export": False},
    "fastapi": COMBINATIONS["fastapi"],
}
# What is new since 1.3.
NEW = ("app/idempotency.py", "tests/test_item_pages.py", "tests/test_item_writes.py")


@pytest.mark.parametrize("name", ANSWERS)
def test_sample_leaves_and_comes_back(name: str, create: Create, run: Run, tmp_path: Path) -> None:
    service = create(NOW, **ANSWERS[name])
    before = found = files(service)

    for number, sample in enumerate(("none", "items")):
        service = clone(service, tmp_path / f"clone-{number}")
        assert run(service, "--answers", f"sample={sample}") == 0
        fresh = files(create(NOW, f"fresh-{sample}", **ANSWERS[name], sample=sample))
        found = files(service)
        assert found.keys() == fresh.keys()
        # What comes back follows the newest.
        assert [path for path in other_than_migrations(found) if found[path] != fresh[path]] == []
        history = history_of(service)
        assert len(history.keys() - {*history.values()}) == bool(history)
    assert found.keys() == before.keys()


def other_than_migrations(found: dict[str, str]) -> list[str]:
    """Return the paths of files but for those of migrations and answers."""
    return [path for path in found if path != ".cruft.json" and "/versions/" not in path]


def test_next_release_does_not_bring_the_sample_back(
    template_to_be: Template, create: Create, run: Run
) -> None:
    service = create(NOW, **ANSWERS["flask"])
    assert run(service, "--answers", "sample=none") == 0
    before = files(service)
    template_to_be.change("service/app/errors.py", "Item not found", "No such item")
    template_to_be.change("service/Dockerfile", "FROM python", "# Ours.\nFROM python")
    template_to_be.release("99.1.0")
    move_to(service, template_to_be)

    assert run(service) == 0

    changed = {path for path, text in files(service).items() if before.get(path) != text}
    assert changed == {".cruft.json", "Dockerfile"}


def test_work_of_a_team_stays_where_the_sample_leaves(
    create: Create, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = create(NOW, **COMBINATIONS["flask-database"])
    kept = team.edit(service)
    commit(service, "A year of work")

    assert run(service, "--answers", "sample=none") == 2

    said = capsys.readouterr().out
    unmerged = {path for path, state in status(service).items() if "U" in state}
    assert unmerged
    assert all(f"- {path}" in said for path in unmerged)
    assert team.lost(service, kept) == []
    assert not (service / "tests" / "test_items.py").exists()


def test_checkout_that_is_not_clean_is_left_alone(
    create: Create, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    service = create(NOW, **COMBINATIONS["flask"])
    (service / "app" / "api.py").write_text("# Ours.\n", "utf-8")
    before = files(service)

    assert run(service, "--answers", "sample=none") == 1

    assert "app/api.py" in capfd.readouterr().err
    assert files(service) == before


def test_service_of_1_3_keeps_the_sample_that_it_has(create: Create, run_counted: Run) -> None:
    service = create(RELEASES["1.3.0"], **COMBINATIONS["async-database"] | {"use_telemetry": False})
    before = files(service)

    assert run_counted(service, "--to", NOW) == 0

    after = files(service)
    assert [path for path in after if path in NEW or path.startswith("alembic/versions/0004")] == []
    owned = ("api-spec.yml", "app/api.py", "app/data_queries.py", "app/models.py")
    assert {path: after[path] for path in owned} == {path: before[path] for path in owned}
    assert "app.api" not in after["alembic/env.py"]


def move_to(service: Path, template: Template) -> None:
    """Have a service take its updates from another place."""
    file = service / ".cruft.json"
    state = json.loads(file.read_text("utf-8"))
    state["template"] = str(template.folder)
    file.write_text(json.dumps(state, indent=2), "utf-8")
    commit(service, "The template moved")
