"""What the contract says of parameters is what happens, to the letter, on each framework."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import create_app
from config import Settings
from tests.standard.echoing import WIDE_CONTRACT

UUID = "6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01"

# Addresses, and what the handler gets (OpenAPI 3.0.3, Style Values).
GOOD: dict[str, dict[str, Any]] = {
    "/lists?tags=a&tags=b,c": {"tags": ["a", "b,c"]},
    "/lists?comma=a%2Cb,c": {"comma": ["a,b", "c"]},
    "/lists?comma=": {"comma": [""]},
    "/lists?pipe=a|b%7Cc": {"pipe": ["a", "b|c"]},
    "/lists?space=a%20b+c": {"space": ["a", "b", "c"]},
    "/lists?numbers=1,-2": {"numbers": [1, -2]},
    "/scalars?number=0.29&yes=no": {"number": 0.29, "yes": "no"},
    "/scalars?number=19.99&yes=no": {"number": 19.99, "yes": "no"},
    "/scalars?number=1e2&yes=no": {"number": 100.0, "yes": "no"},
    "/scalars?nullable=null&yes=no": {"nullable": "null", "yes": "no"},
    "/scalars?either=5&yes=no": {"either": 5, "yes": "no"},
    f"/scalars?either={UUID}&yes=no": {"either": UUID, "yes": "no"},
    "/scalars?both=7&yes=no": {"both": 7, "yes": "no"},
    "/scalars?free=7&yes=no": {"free": "7", "yes": "no"},
    "/scalars?yes=2026-01-01": {"yes": "2026-01-01"},
    "/scalars": {"yes": "yes"},
    "/scalars?bytes=aGk%3D&yes=no": {"bytes": "aGk=", "yes": "no"},
    '/scalars?where={"a":[1]}&yes=no': {"where": {"a": [1]}, "yes": "no"},
    "/names/a%20b?x-y=1&from=2&filter[a]=3&limit=4&2nd=5": {
        "item_id": "a b",
        "x_y": "1",
        "from_": "2",
        "filter_a": "3",
        "limit": 4,
        "_2nd": "5",
    },
    "/objects?page[size]=2&page[other]=3": {"page": {"size": 2, "other": 3}},
    "/objects?page[tags]=a&page[tags]=b": {"page": {"tags": ["a", "b"], "size": 9}},
    "/objects?x=1&y=2": {"spread": {"x": 1, "y": 2}},
    "/objects?flat=a,1,b,c%2Cd": {"flat": {"a": 1, "b": "c,d"}},
    "/objects": {},
    "/paths/1,2/.3.4/;matrix=5,6/a=7,b=8": {
        "simple": [1, 2],
        "label": [3, 4],
        "matrix": [5, 6],
        "object": {"a": 7, "b": "8"},
    },
    "/counts/3": {"count": 3},
    "/files/a/b.txt": {"path": "a/b.txt"},
    "/files//a": {"path": "/a"},
    "/caf%C3%A9+%25/a-b-3.txt": {"größe": "a-b", "_ref": 3},
    "/caf%c3%a9%2B%25/%C3%A9%2D-3%2etxt": {"größe": "é-", "_ref": 3},
}

# Addresses, and each parameter that is bad, with what is told of it.
BAD = {
    "/lists?numbers=1,x": [("query", "numbers", 'must be array: /1 is not of type "integer"')],
    "/scalars?number=0.291": [("query", "number", "must be number: is not a multiple of 0.01")],
    "/scalars?either=x": [
        (
            "query",
            "either",
            "must be integer or string: "
            "is not valid under any of the schemas listed in the 'oneOf' keyword",
        )
    ],
    "/scalars?both=4": [("query", "both", "must be integer: is less than the minimum of 5")],
    "/scalars?code=a%0A": [("query", "code", 'must be string: does not match "^[a-z]+$"')],
    "/scalars?below=10": [
        ("query", "below", "must be integer: is greater than or equal to the maximum of 10")
    ],
    "/scalars?yes=true": [("query", "yes", "must be one of yes, no, 2026-01-01")],
    "/scalars?bytes=aGk": [("query", "bytes", "must be byte string")],
    "/scalars?small=2147483648": [
        ("query", "small", "must be integer: is greater than the maximum of 2147483647")
    ],
    "/scalars?where={}": [("query", "where", 'must be object: lacks "a"')],
    "/scalars?where=x": [("query", "where", "must be object: is no JSON")],
    "/names/a?limit=x": [("query", "limit", "must be integer")],
    "/objects?page[size]=2&page[size]=3": [("query", "page", "is given twice")],
    "/objects?page=2": [("query", "page", "must be object: is no object")],
    "/objects?page_opts[size]=2": [("query", "page_opts[size]", "is not known")],
    "/objects?flat=a": [("query", "flat", "must be object: has a name without a value")],
    "/paths/1,x/.3/;matrix=5/a=7": [
        ("path", "simple", 'must be array: /1 is not of type "integer"')
    ],
    "/paths/1/3/matrix=5/a=7": [
        ("path", "label", "must be array: has no . first"),
        ("path", "matrix", "must be array: has no ; first"),
    ],
    "/counts/0": [("path", "count", "must be integer: is less than the minimum of 1")],
}

HEADS = [
    ({"X-Page": "3"}, 200, {"x_page": 3}),
    ({"X-Tags": "a, b"}, 200, {"x_tags": ["a", "b"]}),
    ({"X-Pair": "a=1,b=c"}, 200, {"x_pair": {"a": 1, "b": "c"}}),
    ({"Cookie": "other=1; seen=true; ids=1,2"}, 200, {"seen": True, "ids": [1, 2]}),
    ({"Authorization": "Bearer token"}, 200, {}),
    ({"X-Page": "x"}, 400, [("header", "X-Page", "must be integer")]),
    ({"Cookie": "ids=%FF"}, 400, [("cookie", "ids", "must be array: is not in UTF-8")]),
    ({"Cookie": "seen=1"}, 400, [("cookie", "seen", "must be boolean")]),
]


def refusals(problem: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the place, the name and the detail of each error of a problem."""
    return [(each["in"], each["name"], each["detail"]) for each in problem["errors"]]


@pytest.mark.parametrize("address", GOOD)
def test_handler_gets_what_the_contract_says(wide: TestClient, address: str) -> None:
    response = wide.get(address)

    assert (response.status_code, response.json()) == (200, GOOD[address])


@pytest.mark.parametrize("address", BAD)
def test_parameter_that_is_not_as_the_contract_says_is_refused(
    wide: TestClient, address: str
) -> None:
    response = wide.get(address)

    assert (response.status_code, refusals(response.json())) == (400, BAD[address])


@pytest.mark.parametrize(("headers", "status", "expected"), HEADS)
def test_headers_and_cookies_are_parameters(
    wide: TestClient, headers: dict[str, str], status: int, expected: Any
) -> None:
    response = wide.get("/head", headers=headers)

    found = response.json() if status == 200 else refusals(response.json())
    assert (response.status_code, found) == (status, expected)


@pytest.mark.parametrize("path", ["/counts/x", "/counts/%D9%A3", "/files/", "/names/a%2Fb"])
def test_path_of_no_operation_is_a_404(wide: TestClient, path: str) -> None:
    response = wide.get(path)

    assert response.status_code == 404
    assert {key: response.json()[key] for key in ("title", "detail")} == {
        "title": "Not Found",
        "detail": "Not Found",
    }


@pytest.mark.parametrize("address", ["/lists?tags=%FF", "/names/%FF"])
def test_address_that_is_not_in_utf_8_is_refused(wide: TestClient, address: str) -> None:
    response = wide.get(address)

    assert (response.status_code, response.json()["detail"]) == (400, "An address is in UTF-8.")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/lists", "GET, HEAD, OPTIONS"),
        ("/healthz", "GET, HEAD, OPTIONS"),
        ("/files/a/b", "GET, HEAD, OPTIONS, PUT"),
        ("/names/%C3%A9", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_tells_the_methods(wide: TestClient, path: str, allowed: str) -> None:
    response = wide.options(path)

    assert (response.status_code, response.headers["Allow"]) == (204, allowed)


def test_head_is_a_get_without_a_body(wide: TestClient) -> None:
    got, headed = wide.get("/lists?tags=a"), wide.head("/lists?tags=a")

    assert headed.headers["Content-Length"] == got.headers["Content-Length"] == "14"
    assert headed.status_code == 200


@pytest.mark.parametrize(
    ("address", "location"),
    [
        ("/slash?a=1", "/slash/?a=1"),
        ("/lists/?tags=%2F", "/lists?tags=%2F"),
        ("/counts/1/", "/counts/1"),
        # {% if cookiecutter.use_page %}
        ("/", "page/"),
        # {% endif %}
        # {% if not cookiecutter.use_page %}
        ("/", "ui/"),
        # {% endif %}
    ],
)
def test_redirect_names_no_host(wide: TestClient, address: str, location: str) -> None:
    response = wide.get(address, headers={"Host": "another.example"})

    assert (response.status_code, response.headers["Location"]) == (307, location)


def test_head_and_options_of_the_contract_come_first(wide: TestClient) -> None:
    place = "/caf%C3%A9+%25/a-3.txt"

    # That of HEAD lacks a header that the contract wants.
    assert wide.head(place).status_code == 500
    assert wide.options(place).json() == {"größe": "a", "_ref": 3}


def test_base_path_itself_is_no_path(wide_settings: Settings, tmp_path: Path) -> None:
    spec = WIDE_CONTRACT.read_text("utf-8").replace("[{ url: / }]", '[{ url: "/v1" }]')
    (tmp_path / "wide.yml").write_text(spec, "utf-8")
    parts = WIDE_CONTRACT.with_name("wide_parts.yml")
    (tmp_path / parts.name).write_text(parts.read_text("utf-8"), "utf-8")

    with TestClient(create_app(wide_settings, tmp_path / "wide.yml")) as client:
        assert client.get("/v1/objects").json() == {}
        assert client.get("/v1", follow_redirects=False).status_code == 404
