"""A service from before version 1.4 gets the rules for contracts as warnings, and once."""

from __future__ import annotations

from contracts import run_script

from updating.conftest import RELEASES, Run
from updating.living import NOW, Create, commit


def test_contract_of_an_older_service_is_warned_of_until_its_team_decides(
    create: Create, run: Run
) -> None:
    service = create(RELEASES["1.3.0"], framework="async", use_auth=False)
    assert run(service, "--to", NOW) == 0
    settings = service / "redocly.yaml"

    result = run_script(service, "lint", "--format=stylish")

    assert "  security-defined: warn\n" in settings.read_text("utf-8")
    assert result.returncode == 0, result.stdout
    assert " warning  security-defined " in result.stdout

    settings.write_text("extends: [scripts/contract-rules.yaml]\n", "utf-8")
    commit(service, "From now on")
    assert run(service, "--answers", "use_auth=true") == 0

    assert settings.read_text("utf-8") == "extends: [scripts/contract-rules.yaml]\n"
    assert run_script(service, "lint").returncode == 1
