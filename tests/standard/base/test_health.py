from pathlib import Path

from starlette.testclient import TestClient

from app import create_app
from config import Settings
from tests.standard.probe import PROBE_CONTRACT


def test_healthz_answers(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_passes_all_checks(client: TestClient) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert {check["status"] for check in response.json()["checks"].values()} <= {"ok"}


def test_health_stands_at_the_root_of_any_contract(settings: Settings, tmp_path: Path) -> None:
    spec_file = tmp_path / "api-spec.yml"
    spec_file.write_text(PROBE_CONTRACT.read_text("utf-8").replace("url: /", "url: /v1"), "utf-8")

    with TestClient(create_app(settings, spec_file)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/echo").status_code == 200
        assert client.get("/openapi.json").json()["servers"] == [{"url": "./v1"}]
