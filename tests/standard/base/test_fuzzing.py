"""The test that fuzzes the contract tells what is against it, and lets pass what is not."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.standard import test_contract_fuzz as fuzz

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {
            "get": {
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "The number of things",
                        "content": {"application/json": {"schema": {"type": "integer"}}},
                    },
                    "400": {"description": "No limit", "content": {"application/json": {}}},
                },
            }
        }
    },
}
Answer = Callable[[str], tuple[object, int]]


def take_integers(limit: str) -> tuple[object, int]:
    """Answer as the contract says."""
    is_right = limit.removeprefix("-").isascii() and limit.removeprefix("-").isdigit()
    return (1, 200) if is_right else ("no integer", 400)


def fail_at_zero(limit: str) -> tuple[object, int]:
    """Fail where nobody looked."""
    return ("Oh", 500) if limit == "0" else take_integers(limit)


def take_everything(limit: str) -> tuple[object, int]:
    """Take what the contract forbids."""
    return 1, 200


def answer_in_words(limit: str) -> tuple[object, int]:
    """Answer in another type than the contract says."""
    answer, status = take_integers(limit)
    return ("one", 200) if status == 200 else (answer, status)


def serve(answer: Answer) -> schemathesis.BaseSchema:
    """Return the contract of a service that gives such answers."""

    async def things(request: Request) -> JSONResponse:
        limits = request.query_params.getlist("limit")
        body, status = answer(limits[0] if limits else "1")
        if len(limits) > 1 or {*request.query_params} - {"limit"}:
            body, status = "no limit", 400
        return JSONResponse(body, status)

    async def document(_: Request) -> JSONResponse:
        return JSONResponse(DOCUMENT)

    app = Starlette(routes=[Route("/things", things), Route("/openapi.json", document)])
    config = schemathesis.Config.from_path("tests/schemathesis.toml")
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


def test_service_that_keeps_its_contract_passes(capsys: pytest.CaptureFixture[str]) -> None:
    contract = serve(take_integers)
    # Starlette answers to HEAD, of which this contract says nothing.
    contract.config.checks.allow_header_conformance.enabled = False

    fuzz.test_contract_is_kept(contract)

    assert int(capsys.readouterr().out.split()[0]) > 10


@pytest.mark.parametrize(
    ("answer", "check", "shown"),
    [
        (fail_at_zero, "not_a_server_error", '500 "Oh"'),
        (take_everything, "negative_data_rejection", "200 1"),
        (answer_in_words, "response_schema_conformance", '200 "one"'),
    ],
)
def test_fault_is_told_with_a_request_that_shows_it(answer: Answer, check: str, shown: str) -> None:
    with pytest.raises(pytest.fail.Exception) as told:
        fuzz.test_contract_is_kept(serve(answer))

    assert f"GET /things, {check}: " in str(told.value)
    assert f"The answer was {shown} to" in str(told.value)
    assert "\n    curl -X GET 'http://testserver/things" in str(told.value)
