from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from app import create_app
from app.standard.contract import ContractError
from app.standard.service import load_settings
from config import Settings

# {% if cookiecutter.use_auth %}
SECURITY: dict[str, Any] = {"security": []}
FILES = ("jobs.css", "jobs.js", "page_login.js")
# {% endif %}
# {% if not cookiecutter.use_auth %}
SECURITY: dict[str, Any] = {}
FILES = ("jobs.css", "jobs.js")
# {% endif %}
ITEM: dict[str, Any] = {
    "operationId": f"{__name__}.nothing",
    "responses": {"204": {"description": "Done"}},
}


async def nothing() -> None:
    """Return nothing."""


def write_contract(folder: Path, **changes: Any) -> Path:
    """Write a contract, without operations unless there are some."""
    contract = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}
    file = folder / "contract.yml"
    file.write_text(yaml.safe_dump(contract | changes))
    return file


def test_page_takes_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/ui/jobs")

    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert '"jobs.css"' in page.text and '"jobs.js"' in page.text
    for name in FILES:
        file = client.get(f"/ui/{name}")
        assert file.status_code == 200
        assert "//" not in file.text.replace("// ", "")


def test_operations_are_in_the_contract_that_is_shown(client: TestClient) -> None:
    served = client.get("/openapi.json").json()

    assert {"/jobs", "/jobs/{job_id}", "/jobs/{job_id}/retry"} <= served["paths"].keys()
    # {% if cookiecutter.use_auth %}
    [scheme] = served["components"]["securitySchemes"]
    assert served["paths"]["/jobs"]["get"]["security"] == [{scheme: ["jobs.manage"]}]
    # {% endif %}


def test_operations_stand_below_the_path_of_the_contract(
    settings: Settings, tmp_path: Path
) -> None:
    contract = write_contract(tmp_path, servers=[{"url": "/v1"}], **SECURITY)

    with TestClient(create_app(settings, contract)) as client:
        assert client.get("/jobs").status_code == 404
        # {% if cookiecutter.use_auth %}
        assert client.get("/v1/jobs").status_code == 401
        # {% endif %}
        # {% if not cookiecutter.use_auth %}
        assert client.get("/v1/jobs").status_code == 200
        # {% endif %}
        assert 'data-jobs="../v1/jobs"' in client.get("/ui/jobs").text


@pytest.mark.parametrize("path", ["/jobs", "/jobs/{number}", "/jobs/{id}/retry"])
def test_path_that_the_contract_has_too_is_refused(
    settings: Settings, tmp_path: Path, path: str
) -> None:
    contract = write_contract(tmp_path, paths={path: {"get": ITEM | SECURITY}})

    with pytest.raises(ContractError, match=r"^/jobs.*: the worker's own .* SERVE_JOBS=false$"):
        create_app(settings, contract)


def test_operations_and_page_can_be_turned_off(settings: Settings, tmp_path: Path) -> None:
    contract = write_contract(tmp_path, **SECURITY)

    with TestClient(create_app(load_settings(Settings, serve_jobs=False), contract)) as client:
        assert client.get("/jobs").status_code == client.get("/ui/jobs").status_code == 404
        assert client.get("/openapi.json").json()["paths"].keys() == {"/healthz", "/readyz"}


# {% if cookiecutter.use_auth %}
def test_scheme_is_the_one_that_is_asked_for(settings: Settings, tmp_path: Path) -> None:
    schemes = {name: {"type": "http", "scheme": "bearer"} for name in ("unused", "used")}
    asking = ITEM | {"security": [{"used": []}]}
    changes = {"components": {"securitySchemes": schemes}, "paths": {"/a": {"get": asking}}}

    with TestClient(create_app(settings, write_contract(tmp_path, **changes))) as client:
        served = client.get("/openapi.json").json()

    assert served["paths"]["/jobs"]["get"]["security"] == [{"used": ["jobs.manage"]}]


def test_contract_without_a_scheme_gets_one(settings: Settings, tmp_path: Path) -> None:
    contract = write_contract(tmp_path, security=[])

    with TestClient(create_app(settings, contract)) as client:
        served = client.get("/openapi.json").json()
        page = client.get("/ui/jobs")

    assert served["paths"]["/jobs"]["get"]["security"] == [{"bearer": ["jobs.manage"]}]
    assert "bearer" in served["components"]["securitySchemes"]
    # Where there is no provider, as here, people paste what a command prints.
    assert "python -m development.tokens" in page.text


# {% endif %}
# {% if not cookiecutter.use_auth %}
def test_production_serves_them_only_if_told_to(settings: Settings) -> None:
    production = {"environment": "production", "database_url": "postgresql://here/there"}

    assert settings.are_jobs_served
    assert not load_settings(Settings, **production).are_jobs_served
    assert load_settings(Settings, **production, serve_jobs=True).are_jobs_served


# {% endif %}
def test_page_goes_with_swagger_ui(settings: Settings) -> None:
    with TestClient(create_app(load_settings(Settings, serve_api_docs=False))) as client:
        assert client.get("/ui/jobs").status_code == 404
        assert client.get("/jobs").status_code != 404
