from starlette.testclient import TestClient


def test_ui_loads_its_files_and_the_contract(client: TestClient) -> None:
    page = client.get("/ui")

    assert page.status_code == 200
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "initializer.js"):
        assert name in page.text
        assert client.get(f"/ui/{name}").status_code == 200
    assert client.get("/ui/nothing.js").status_code == 404


def test_contract_is_served_with_the_health_operations(client: TestClient) -> None:
    contract = client.get("/openapi.json").json()

    assert contract["servers"] == [{"url": "./"}]
    assert {"/healthz", "/readyz"} <= set(contract["paths"])
