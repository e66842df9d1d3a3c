from pathlib import Path

import pytest

from app.standard.spec import SpecError, load_spec
from tests.standard.app_fixtures import PROBE_SPEC


def test_operation_id_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec = PROBE_SPEC.read_text("utf-8")
    spec_file.write_text(spec.replace("probe.conflict", "probe.nothing"), "utf-8")

    with pytest.raises(
        SpecError, match=r"operationId tests.standard.probe.nothing of GET /nothing"
    ):
        load_spec(spec_file)
