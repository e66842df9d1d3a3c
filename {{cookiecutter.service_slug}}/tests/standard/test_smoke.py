"""What the standard promises holds with this service's settings and contract."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import CONTRACT_FILE

# {%- if cookiecutter.use_auth +%}
from app.standard.auth import read_requirements

# {%- endif +%}
from app.standard.contract import load_contract, operations

CONTRACT: dict[str, Any] = load_contract(CONTRACT_FILE)
# Method and path of each operation, with something in the place of parameters.
REQUESTS = {
    operation["operationId"]: (method.upper(), re.sub(r"\{.+?\}", "1", path))
    for method, path, operation in operations(CONTRACT)
}
# {% if cookiecutter.use_auth %}
SECURED = [name for name, sets in read_requirements(CONTRACT).items() if sets]
# {% endif %}
# {% if cookiecutter.use_csv_export %}


def is_export(operation: dict[str, Any]) -> bool:
    """Tell whether an operation gives CSV to whoever asks for nothing in particular."""
    given = operation.get("parameters", [])
    known = CONTRACT.get("components", {}).get("parameters", {})
    parameters = [known.get(str(each.get("$ref")).split("/")[-1], each) for each in given]
    content = operation.get("responses", {}).get("200", {}).get("content", {})
    return "text/csv" in content and not any(each.get("required") for each in parameters)


EXPORTS = [
    operation["operationId"]
    for method, _, operation in operations(CONTRACT)
    if method == "get" and is_export(operation)
]
# {% endif %}


def test_service_starts_and_is_ready(client: TestClient) -> None:
    ready = client.get("/readyz")

    assert client.get("/healthz").json() == {"status": "ok"}
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")


def test_unknown_path_is_a_problem(client: TestClient) -> None:
    response = client.get("/there-is-no-such-path", headers={"X-Request-ID": "smoke"})

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["request_id"] == response.headers["X-Request-ID"] == "smoke"


@pytest.mark.parametrize("name", REQUESTS)
def test_operation_is_in_the_served_contract(client: TestClient, name: str) -> None:
    served = client.get("/openapi.json").json()["paths"].values()

    found = [each for item in served for each in item.values() if isinstance(each, dict)]
    assert name in [operation.get("operationId") for operation in found]


# {% if cookiecutter.use_auth %}
@pytest.mark.parametrize("name", SECURED)
def test_operation_that_is_not_public_wants_a_token(client: TestClient, name: str) -> None:
    del client.headers["Authorization"]

    response = client.request(*REQUESTS[name])

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


# {% endif %}
# {% if cookiecutter.use_csv_export %}
@pytest.mark.parametrize("name", EXPORTS)
def test_export_is_a_csv_file(client: TestClient, name: str) -> None:
    response = client.request(*REQUESTS[name])

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.text.endswith("\n")


# {% endif %}
def test_swagger_ui_is_served(client: TestClient) -> None:
    assert "swagger-ui-bundle.js" in client.get("/ui/").text
