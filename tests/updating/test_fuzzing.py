"""What fuzzes the contract comes to a service from before when its team asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import COMBINATIONS

from updating.conftest import RELEASES
from updating.living import NOW, Create, clone, files

TEST = "tests/standard/test_contract_fuzz.py"
FUZZ = ("tests/schemathesis.toml", TEST)


@pytest.mark.parametrize("framework", ["flask", "async"])
def test_service_of_1_3_gets_it_when_it_asks(
    framework: str, create: Create, run: Callable[..., int], tmp_path: Path
) -> None:
    service = create(RELEASES["1.3.0"], **COMBINATIONS[framework] | {"use_telemetry": False})
    fresh = files(create(NOW, "fresh", **COMBINATIONS[framework] | {"use_telemetry": False}))

    assert run(service, "--to", NOW) == 0
    updated = files(service)
    service = clone(service, tmp_path / "asked")
    assert run(service, "--answers", "_contract_fuzz=true") == 0
    asked = files(service)

    assert not {*FUZZ} & updated.keys()
    assert asked[TEST] == fresh[TEST]
    # It is about another sample.
    assert asked[FUZZ[0]] != fresh[FUZZ[0]]
    assert '"schemathesis>=' in (service / "pyproject.toml").read_text("utf-8")
    assert asked.keys() - updated.keys() == {*FUZZ}

    service = clone(service, tmp_path / "taken-out")
    assert run(service, "--answers", "_contract_fuzz=false") == 0
    assert {**files(service), ".cruft.json": updated[".cruft.json"]} == updated
