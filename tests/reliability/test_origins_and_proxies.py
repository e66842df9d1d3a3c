"""What a running service answers to pages of other origins, and behind proxies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reliability.conftest import Running, Start
from reliability.logs import events_of
from reliability.raw_http import ask, message
from reliability.test_responses import JSON, assert_problem

ALLOWED = "Origin: https://allowed.example"
OTHER = "Origin: https://other.example"
FORWARDED = ("X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https")


@pytest.fixture(scope="module")
def proxied(start: Start) -> Iterator[Running]:
    settings = {
        "CORS_ALLOW_ORIGINS": "https://allowed.example",
        "HSTS_MAX_AGE": "600",
        "REQUEST_MAX_BYTES": "1000",
        "REQUEST_TIMEOUT": "3",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with start(**settings) as running:
        yield running


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (("GET /echo?text=a",), 200),
        (("GET /echo?number=a",), 400),
        (("GET /nowhere",), 404),
        (("DELETE /echo",), 405),
        (("POST /failure", JSON), 500),
        (("GET /wait?seconds=30",), 503),
        (("GET /echo?text=" + "a" * 9_000,), 414),
        (("POST /echo", "Content-Length: 9999"), 413),
    ],
)
def test_page_of_an_allowed_origin_may_read_it(
    proxied: Running, request_: tuple[str, ...], status: int
) -> None:
    answer = ask(proxied.host, message(*request_, ALLOWED))

    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == "https://allowed.example"
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize("path", ["/echo?text=a", "/nowhere"])
def test_page_of_another_origin_may_not_read_it(proxied: Running, path: str) -> None:
    headers = ask(proxied.host, message(f"GET {path}", OTHER)).headers

    assert "access-control-allow-origin" not in headers


def test_preflight_of_an_allowed_origin_passes(proxied: Running) -> None:
    wanted = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-a")

    answer = ask(proxied.host, message("OPTIONS /echo", ALLOWED, *wanted))

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://allowed.example"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "x-a" in answer.headers["access-control-allow-headers"]


def test_preflight_of_another_origin_is_refused(proxied: Running) -> None:
    wanted = "Access-Control-Request-Method: POST"

    answer = ask(proxied.host, message("OPTIONS /echo", OTHER, wanted))

    assert "access-control-allow-origin" not in answer.headers
    assert_problem(answer, 400)


def test_transport_security_is_strict_behind_https(proxied: Running) -> None:
    name = "strict-transport-security"

    assert ask(proxied.host, message("GET /nowhere", *FORWARDED)).headers[name] == "max-age=600"
    assert name not in ask(proxied.host, message("GET /nowhere")).headers


def test_client_is_who_a_trusted_proxy_says(proxied: Running) -> None:
    answer = ask(proxied.host, message("GET /things/7", *FORWARDED))

    (event,) = events_of(proxied, answer.headers["x-request-id"])
    assert event["client"] == "192.0.2.7"


@pytest.fixture(scope="module")
def below(
    start: Start, hard_service: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Run a service that has a base path, as behind a proxy that strips a prefix."""
    folder = tmp_path_factory.mktemp("below") / "my-service"
    shutil.copytree(hard_service, folder)
    contract = folder / "api-spec.yml"
    contract.write_text(contract.read_text("utf-8").replace("{ url: / }", "{ url: /v1 }"), "utf-8")
    with start(folder=folder, ROOT_PATH="/svc", HSTS_MAX_AGE="600") as running:
        yield running


def test_nobody_is_believed_unless_trusted(below: Running) -> None:
    answer = ask(below.host, message("GET /v1/things/7", *FORWARDED))

    assert "strict-transport-security" not in answer.headers
    (event,) = events_of(below, answer.headers["x-request-id"])
    assert event["client"] == "127.0.0.1"


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/ui/", "/ui/swagger-ui.css", "/v1/things/7"]
)
def test_path_below_a_prefix_is_there(below: Running, path: str) -> None:
    assert ask(below.host, message(f"GET {path}")).status == 200


@pytest.mark.parametrize("path", ["/v1/nowhere", "/things/7", "/svc/v1/things/7", "/v1/healthz"])
def test_path_outside_the_base_path_is_a_problem(below: Running, path: str) -> None:
    answer = ask(below.host, message(f"GET {path}"))

    assert_problem(answer, 404)
    assert json.loads(answer.body)["instance"] == f"/svc{path}"


def test_contract_names_servers_relative_to_itself(below: Running) -> None:
    served = json.loads(ask(below.host, message("GET /openapi.json")).body)

    assert served["servers"] == [{"url": "./v1"}]
    assert ask(below.host, message("GET /ui")).headers["location"] == "ui/"


def test_wrong_method_below_a_prefix_gets_all_methods(below: Running) -> None:
    answer = ask(below.host, message("DELETE /v1/echo"))

    assert_problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
