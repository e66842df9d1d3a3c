"""What a service has to call others with stays in an update, and leaves when its team says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import COMBINATIONS

from updating import team
from updating.conftest import RELEASES
from updating.living import NOW, Create, clone, commit, files, status

Run = Callable[..., int]
CONFIG = "client-gen-config.json"
OWN = {
    "app/clients/shop/__init__.py": '"""The shop."""\n\nNAME = "shop"\n',
    "app/clients/shop.json": '{"openapi": "3.0.3", "paths": {}}\n',
    "app/shop.py": "from app.standard.clients import client_of\n\nasked = client_of\n",
}
PARTS = ("app/clients/", "app/standard/clients/", CONFIG, "scripts/clients/", "scripts/generate_")


def call_a_shop(service: Path) -> None:
    """Do in a service what a team does that calls another one."""
    settings = json.loads((service / CONFIG).read_text("utf-8"))
    settings["services"] = [{"name": "shop", "contract": "https://shop.example/openapi.json"}]
    (service / CONFIG).write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    for path, text in OWN.items():
        (service / path).parent.mkdir(parents=True, exist_ok=True)
        (service / path).write_text(text, "utf-8")
    commit(service, "Call a shop")


def parts_of(service: Path) -> dict[str, str]:
    """Return the files that calls to others need."""
    return {path: each for path, each in files(service).items() if path.startswith(PARTS)}


@pytest.mark.parametrize("version", ["1.3.0", "1.4.0"])
def test_service_from_before_keeps_its_clients(
    version: str, create: Create, run_counted: Run
) -> None:
    answers = COMBINATIONS["flask"] | {"use_telemetry": False}
    service = create(RELEASES[version], **answers)
    kept = team.edit(service)
    call_a_shop(service)
    before = files(service)

    assert run_counted(service, "--to", NOW) == 0

    fresh = create(NOW, "fresh", **answers | {"use_clients": True})
    own = {path: before[path] for path in (*OWN, CONFIG) if path.startswith(PARTS)}
    assert parts_of(service) == parts_of(fresh) | own
    assert status(service) == {}
    assert team.lost(service, kept) == []


def test_service_of_1_4_that_calls_nobody_does_without_and_calls_later(
    create: Create, run_counted: Run, tmp_path: Path
) -> None:
    service = create(RELEASES["1.4.0"], **COMBINATIONS["fastapi"])
    kept = team.edit(service)
    commit(service, "A year of work")
    assert run_counted(service, "--to", NOW) == 0
    before = files(service)

    for number, answer in enumerate(("false", "true")):
        service = clone(service, tmp_path / f"clone-{number}")
        assert run_counted(service, "--answers", f"use_clients={answer}") == 0
        assert bool(parts_of(service)) == (answer == "true")
        assert team.lost(service, kept) == []
    assert files(service) == {**before, ".cruft.json": files(service)[".cruft.json"]}


def test_team_is_told_of_what_it_still_calls(
    create: Create, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = create(NOW, **COMBINATIONS["flask"] | {"use_clients": True})
    call_a_shop(service)

    assert run(service, "--answers", "use_clients=false") == 2

    told = capsys.readouterr().out
    assert f"- {CONFIG}: you changed it, the template removed it" in told
    assert "- app/shop.py" in told
    assert (service / "app" / "clients" / "shop" / "__init__.py").exists()
    assert not (service / "app" / "standard" / "clients").exists()
