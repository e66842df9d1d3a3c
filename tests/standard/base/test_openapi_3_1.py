"""A contract of OpenAPI 3.1 is served as well."""

from typing import Any

import pytest
from starlette.testclient import TestClient

GOOD = [
    ("nullable=null", {"nullable": "null", "yes": "yes"}),
    ("maybe=3", {"maybe": 3, "yes": "yes"}),
    ("fixed=7", {"fixed": 7, "yes": "yes"}),
    ("yes=no", {"yes": "no"}),
]
BAD = [
    ("maybe=null", "must be integer"),
    ("fixed=8", "must be 7"),
    ("below=10", "must be integer: is greater than or equal to the maximum of 10"),
    ("yes=false", "must be one of yes, no"),
]


@pytest.mark.parametrize(("query", "expected"), GOOD)
def test_handler_gets_the_parameters(
    wide_3_1: TestClient, query: str, expected: dict[str, Any]
) -> None:
    assert wide_3_1.get(f"/scalars?{query}").json() == expected


@pytest.mark.parametrize(("query", "detail"), BAD)
def test_bad_parameter_is_refused(wide_3_1: TestClient, query: str, detail: str) -> None:
    assert wide_3_1.get(f"/scalars?{query}").json()["errors"][0]["detail"] == detail


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"pair": [1, "a"]}, None),
        ({"card": None}, None),
        ({"x_a": True}, None),
        ({"note": "note1"}, None),
        ({"pair": [1, "a", 2]}, ("/pair/2", "is not allowed")),
        ({"note": "longer"}, ("/note", 'does not match "^note"')),
        ({"card": {"number": 1}}, ("/card", 'lacks "owner"')),
        ({"y": 1}, ("", "has what is not known: y")),
    ],
)
def test_body_is_checked(wide_3_1: TestClient, body: Any, expected: tuple[str, str] | None) -> None:
    response = wide_3_1.post("/bodies", json=body)

    if expected is None:
        assert response.json() == {"body": body}
    else:
        [error] = response.json()["errors"]
        assert (error["name"], error["detail"]) == expected


def test_file_and_operations_of_another_file_are_served(wide_3_1: TestClient) -> None:
    uploaded = wide_3_1.post("/upload", files={"file": ("a", b"x", "text/plain")})

    assert uploaded.json() == {"body": {"file": ["a", "text/plain", 1, "x"]}}
    assert wide_3_1.get("/shared").json() == {}
