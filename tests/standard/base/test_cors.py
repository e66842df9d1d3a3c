import pytest
from starlette.testclient import TestClient

from app import create_app
from app.standard.service import load_settings
from config import Settings

ORIGIN = {"Origin": "https://ui.example"}


def test_no_origin_is_allowed_by_default(client: TestClient) -> None:
    assert "Access-Control-Allow-Origin" not in client.get("/healthz", headers=ORIGIN).headers


@pytest.mark.parametrize("path", ["/healthz", "/nowhere"])
def test_origin_of_the_settings_is_allowed(settings: Settings, path: str) -> None:
    allowing = load_settings(Settings, cors_allow_origins=ORIGIN["Origin"])

    with TestClient(create_app(allowing)) as client:
        response = client.get(path, headers=ORIGIN)

    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN["Origin"]
