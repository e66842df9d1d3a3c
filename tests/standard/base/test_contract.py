from pathlib import Path

import pytest

from app.standard.contract import ContractError, concrete_first, load_contract
from tests.standard.probe import PROBE_CONTRACT


def test_operation_id_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec = PROBE_CONTRACT.read_text("utf-8")
    spec_file.write_text(spec.replace("probe.conflict", "probe.nothing"), "utf-8")

    with pytest.raises(
        ContractError, match=r"operationId tests.standard.probe.nothing of GET /nothing"
    ):
        load_contract(spec_file)


def test_path_that_refers_elsewhere_is_refused(tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec_file.write_text("paths: { /a: { $ref: other.yml } }", "utf-8")

    with pytest.raises(ContractError, match="/a: its operations must stand there"):
        load_contract(spec_file)


def test_concrete_path_matches_before_a_templated_one() -> None:
    paths = ["/{a}", "/{a}/b", "/{a}.txt", "/a/{b}", "/a", "/a/b-{c}", "/a/b"]

    found = [*concrete_first({"paths": {path: {} for path in paths}})["paths"]]

    assert found == ["/a", "/a/b", "/a/b-{c}", "/a/{b}", "/{a}.txt", "/{a}", "/{a}/b"]
