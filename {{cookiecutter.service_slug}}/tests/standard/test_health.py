from starlette.testclient import TestClient


def test_healthz_answers(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_passes_all_checks(client: TestClient) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert set(response.json()["checks"].values()) <= {"ok"}
