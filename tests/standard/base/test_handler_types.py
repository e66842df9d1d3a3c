"""Handlers that name their arguments with types get values of these types."""

import json
from dataclasses import dataclass as plain_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic.dataclasses import dataclass

from app.standard.validation import ContractError, InvalidRequest
from tests.standard.compiling import call, compile_operation, in_query, json_body

DAY = {"type": "string", "format": "date"}
ID = {"type": "string", "format": "uuid"}


class Colour(Enum):
    """What a thing may look like."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    product: UUID
    price: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """A body."""

    day: date
    lines: list[Line]
    colour: Colour = Colour.RED


@plain_dataclass
class Filters:
    """Parameters of the query."""

    since: date | None = None
    limit: int = 10


LINE_SCHEMA = {
    "type": "object",
    "required": ["product", "price"],
    "properties": {"product": ID, "price": {"type": "number", "multipleOf": 0.01}},
}
ORDER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["day", "lines"],
    "properties": {
        "day": DAY,
        "lines": {"type": "array", "items": LINE_SCHEMA},
        "colour": {"type": "string", "enum": ["red", "blue"], "default": "blue"},
    },
}


async def list_things(filters: Filters, moment: datetime | None = None) -> None: ...


async def take_order(body: Order) -> None: ...


async def take_some_order(body: Order | None) -> None: ...


def test_parameters_are_of_the_types_that_the_handler_names() -> None:
    parameters = [
        in_query("since", DAY),
        in_query("limit", {"type": "integer"}),
        in_query("moment", {"type": "string", "format": "date-time"}),
    ]
    operation = compile_operation({"parameters": parameters}, list_things)

    found = call(operation, "since=2026-01-02&moment=2026-01-02T03:04:05Z")

    assert found["filters"] == Filters(date(2026, 1, 2), 10)
    assert found["moment"] == datetime.fromisoformat("2026-01-02T03:04:05+00:00")


def test_body_is_of_the_type_that_the_handler_names() -> None:
    operation = compile_operation(json_body(ORDER_SCHEMA, required=True), take_order)
    product = "6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01"
    order = {"day": "2026-01-02", "lines": [{"product": product, "price": 19.99}]}

    found = call(operation, body=json.dumps(order).encode())

    lines = [Line(UUID(product), Decimal("19.99"))]
    assert found == {"body": Order(date(2026, 1, 2), lines, Colour.BLUE)}


def test_optional_body_is_none() -> None:
    operation = compile_operation(json_body(ORDER_SCHEMA), take_some_order)

    assert call(operation) == {"body": None}


@pytest.mark.parametrize("text", ["1_000", "1700000000", "2026-1-2"])
def test_contract_checks_a_text_before_its_type_does(text: str) -> None:
    operation = compile_operation({"parameters": [in_query("since", DAY)]}, _since)

    with pytest.raises(InvalidRequest) as caught:
        call(operation, f"since={text}")

    assert caught.value.faults == [
        {"in": "query", "name": "since", "detail": "must be date string"}
    ]


async def _since(since: date | None = None) -> None: ...


async def _leap(moment: datetime | None = None) -> None: ...


def test_value_that_its_type_cannot_hold_is_refused() -> None:
    moment = in_query("moment", {"type": "string", "format": "date-time"})
    operation = compile_operation({"parameters": [moment]}, _leap)

    with pytest.raises(InvalidRequest) as caught:
        call(operation, "moment=2016-12-31T23:59:60Z")

    [error] = caught.value.faults
    assert (error["in"], error["name"]) == ("query", "moment")


async def _nothing() -> None: ...


async def _other(other: str = "") -> None: ...


async def _needed(a: str) -> None: ...


async def _number(a: int = 0) -> None: ...


async def _day(a: date | None = None) -> None: ...


async def _choice(a: Literal["x"] = "x") -> None: ...


async def _numbers(a: list[int] | None = None) -> None: ...


async def _some(*a: str) -> None: ...


async def _grouped(a: Filters) -> None: ...


async def _body(body: Order) -> None: ...


@pytest.mark.parametrize(
    ("handler", "operation", "message"),
    [
        (_nothing, {"parameters": [in_query("a")]}, "the handler does not take a"),
        (_other, {}, "the handler takes other, which the contract has not"),
        (_needed, {"parameters": [in_query("a")]}, "a may be absent: give it a default"),
        (_some, {"parameters": [in_query("a")]}, "the handler's a must have a name"),
        (_number, {"parameters": [in_query("a")]}, "a is int to the handler, but it may be string"),
        (_day, {"parameters": [in_query("a")]}, "but it may be any text, and no date"),
        (_choice, {"parameters": [in_query("a", {"enum": ["x", "y"]})]}, "but it may be y"),
        (
            _numbers,
            {"parameters": [in_query("a", {"type": "array", "items": {"type": "string"}})]},
            "but of its items, it may be string",
        ),
        (_grouped, {"parameters": [in_query("since", DAY)]}, "the contract has no limit"),
        (_body, json_body(ORDER_SCHEMA), "body is Order to the handler, but it may be None"),
        (
            _body,
            json_body({**ORDER_SCHEMA, "required": ["day"]}, required=True),
            "but it may lack lines",
        ),
        (
            _body,
            json_body(
                {**ORDER_SCHEMA, "properties": {**ORDER_SCHEMA["properties"], "more": {}}},
                required=True,
            ),
            "but it may have more",
        ),
    ],
)
def test_handler_that_the_contract_does_not_fit_stops_the_start(
    handler: Any, operation: Any, message: str
) -> None:
    with pytest.raises(ContractError) as caught:
        compile_operation(operation, handler)

    assert str(caught.value).startswith("POST /things: ")
    assert message in str(caught.value)


def test_nobody_is_known_unless_something_found_it_out() -> None:
    async def who(user: Any, token_info: Any) -> None: ...

    assert call(compile_operation({}, who)) == {"user": None, "token_info": None}
