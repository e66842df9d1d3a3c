from pathlib import Path

import pytest

from app.standard.contract import ContractError, load_contract
from app.standard.contract.reading import concrete_first
from tests.standard.probe import PROBE_CONTRACT


def test_operation_id_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec = PROBE_CONTRACT.read_text("utf-8")
    spec_file.write_text(spec.replace("probe.conflict", "probe.nothing"), "utf-8")

    with pytest.raises(
        ContractError, match=r"operationId tests.standard.probe.nothing of GET /nothing"
    ):
        load_contract(spec_file)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec_file.write_text("paths: { /a: { $ref: other.yml } }", "utf-8")

    with pytest.raises(ContractError, match=r"other.yml: it cannot be read"):
        load_contract(spec_file)


def test_concrete_path_matches_before_a_templated_one() -> None:
    paths = ["/{a}", "/{a}/b", "/{a}.txt", "/a/{b}", "/a", "/a/b-{c}", "/a/b"]

    found = [*concrete_first({"paths": {path: {} for path in paths}})["paths"]]

    assert found == ["/a", "/a/b", "/a/b-{c}", "/a/{b}", "/{a}.txt", "/{a}", "/{a}/b"]
