from starlette.testclient import TestClient

from app import create_app
from app.standard.contract import public_contract
from app.standard.service import load_settings
from config import Settings


def test_ui_loads_its_files_and_the_contract(client: TestClient) -> None:
    page = client.get("/ui")

    assert page.status_code == 200
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "initializer.js"):
        assert name in page.text
        assert client.get(f"/ui/{name}").status_code == 200
    assert client.get("/ui/nothing.js").status_code == 404


def test_ui_and_contract_can_be_turned_off(settings: Settings) -> None:
    with TestClient(create_app(load_settings(Settings, serve_api_docs=False))) as client:
        assert client.get("/ui/").status_code == 404
        assert client.get("/openapi.json").status_code == 404


def test_contract_is_served_with_the_health_operations(client: TestClient) -> None:
    contract = client.get("/openapi.json").json()

    assert contract["servers"] == [{"url": "./"}]
    assert {"/healthz", "/readyz"} <= set(contract["paths"])


def test_contract_behind_a_base_path_is_served_relative_to_it() -> None:
    spec = {"servers": [{"url": "https://api.example/v1"}], "paths": {}}

    assert public_contract(spec)["servers"] == [{"url": "./v1"}]


def test_extensions_are_left_out_and_names_are_kept() -> None:
    ray = {"type": "string", "x-internal": 1}
    schema = {"properties": {"x-ray": ray}, "x-internal": 2}
    components = {"schemas": {"Bone": schema}}

    served = public_contract({"paths": {}, "components": components})

    assert served["components"]["schemas"]["Bone"] == {"properties": {"x-ray": {"type": "string"}}}
