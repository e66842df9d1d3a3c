"""What a pipeline publishes of a contract: two files, and a page that needs nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from browsing import visiting
from contracts import put_scripts, run_script

from examples.build import EXAMPLES

CONTRACT = (EXAMPLES / "directmail" / "service" / "api-spec.yml").read_text("utf-8")
PICTURES = "img-src: https://cdn.redoc.ly/redoc/"
EXPORT = '$ref: "#/components/schemas/Export"'


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish the contract of Directmail, with a part of it in another file."""
    folder = put_scripts(tmp_path_factory.mktemp("service"))
    assert EXPORT in CONTRACT
    text = CONTRACT.replace(EXPORT, '$ref: "parts.yml#/Export"')
    (folder / "api-spec.yml").write_text(text, "utf-8")
    schema = yaml.safe_load(CONTRACT)["components"]["schemas"]["Export"]
    (folder / "parts.yml").write_text(json.dumps({"Export": schema}), "utf-8")

    result = run_script(folder, "reference")

    assert result.returncode == 0, result.stderr
    return folder / "api-reference"


def test_contract_is_one_file_of_json_and_one_of_yaml(reference: Path) -> None:
    document = json.loads((reference / "openapi.json").read_text("utf-8"))

    assert yaml.safe_load((reference / "openapi.yaml").read_text("utf-8")) == document
    assert document == yaml.safe_load(CONTRACT)


def test_page_shows_the_contract_and_asks_nobody(reference: Path) -> None:
    with visiting() as visit:
        visit.page.goto((reference / "index.html").as_uri())
        visit.page.get_by_text("/directmail-exports/{export_id}/file").first.click()
        visit.page.get_by_text("Fetch the file of an export that is done").last.wait_for()
        visit.page.keyboard.press("Control+k")
        visit.page.keyboard.type("communities")
        visit.page.get_by_text("query parameters").first.wait_for()
        visit.keep_picture("contract-reference")

        assert visit.page.title() == "Directmail"
        # Its maker's picture, for which it has a text, is all that it would ask for.
        forbidden = visit.violations()
        assert {each.partition("logo")[0] for each in forbidden} == {PICTURES}
        assert {*visit.hosts} == {"", "cdn.redoc.ly"}
        assert [each for each in visit.complaints if "logo" not in each] == []


def test_contract_that_cannot_be_read_fails(reference: Path, tmp_path: Path) -> None:
    folder = put_scripts(tmp_path)
    (folder / "api-spec.yml").write_text("openapi: [", "utf-8")

    assert run_script(folder, "reference").returncode == 1
