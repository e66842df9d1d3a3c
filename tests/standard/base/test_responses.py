"""In development and tests, a response that breaks the contract is a failure that says where."""

import asyncio
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.standard.contract import reply_of
from app.standard.http import Stream, Write
from app.standard.validation.responses import ContractBroken
from tests.standard.compiling import compile_operation

JSON = {"Content-Type": "application/json"}
THING: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "day": {"type": "string", "format": "date"},
        "price": {"type": "string"},
        "colour": {"type": "string", "enum": ["red"]},
        "password": {"type": "string", "writeOnly": True},
    },
}
LEFT = {"schema": {"type": "integer", "minimum": 0}}
RESPONSES = {
    "200": {"description": "", "content": {"application/json": {"schema": THING}}},
    "201": {
        "description": "",
        "headers": {"Location": {"required": True, "schema": {}}, "X-Left": LEFT},
    },
    "2XX": {"description": "", "content": {"text/*": {}}},
}


class Colour(Enum):
    """What a thing may look like."""

    RED = "red"


@dataclass
class Thing:
    """As a handler returns it."""

    id: UUID
    day: date
    price: Decimal
    colour: Colour


ID = UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01")


async def produce(write: Write) -> None:
    await write(b"x")


def reply(result: Any, *, is_checked: bool = True) -> int:
    """Return the status of the reply of a handler that returns this."""

    async def handler() -> Any:
        return result

    operation = compile_operation({"responses": RESPONSES}, handler)
    return asyncio.run(reply_of(operation, {}, is_checked=is_checked)).status


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Thing(ID, date(2026, 1, 2), Decimal("1.5"), Colour.RED), 200),
        (({}, 201, {"location": "/things/1"}), 201),
        (({}, 201, {"location": "/things/1", "X-Left": "3"}), 201),
        (({}, 202, {"Content-Type": "text/plain"}), 202),
    ],
)
def test_response_of_the_contract_passes_as_it_will_be_sent(result: Any, status: int) -> None:
    assert reply(result) == status


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({}, 'POST /things, 200: it lacks "id".'),
        ({"id": "1"}, 'POST /things, 200: /id is not a "uuid".'),
        ({"id": str(ID), "password": "x"}, "POST /things, 200: /password is write only."),
        ({"id": str(ID), "x": 1}, "POST /things, 200: it has what is not known: x."),
        (({}, 201), "POST /things, 201: header Location is missing."),
        (
            ({}, 201, {"Location": "/", "X-Left": "-1"}),
            "POST /things, 201: header X-Left must be integer: is less than the minimum of 0.",
        ),
        ((None, 200, JSON), "POST /things, 200: it is no JSON."),
        (({}, 202), "POST /things, 2XX: its Content-Type is application/json, not text/*."),
        (({}, 404), "POST /things: it has no status 404."),
        (Stream(produce, "text/csv"), "POST /things, 200: its Content-Type is text/csv, not"),
    ],
)
def test_response_that_breaks_the_contract_is_named(result: Any, message: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        reply(result)

    assert str(caught.value).startswith(message)


def test_contract_that_says_nothing_takes_anything() -> None:
    operation = compile_operation({}, version="3.1.0")

    assert asyncio.run(reply_of(operation, {}, is_checked=True)).status == 204


def test_production_does_not_look() -> None:
    assert reply({}, is_checked=False) == 200


def test_problem_and_log_name_the_place(
    probe: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = probe.get("/broken")

    where = 'GET /broken, 200: /id is not of type "integer".'
    assert (response.status_code, response.json()["detail"]) == (500, where)
    assert where.split(":")[0] in capsys.readouterr().out
