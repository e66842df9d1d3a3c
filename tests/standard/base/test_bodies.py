"""What the contract says of bodies is what happens, to the letter, on each framework."""

from typing import Any

import pytest
from starlette.testclient import TestClient

JSON, TEXT = "application/json", "text/plain"
FORM = "application/x-www-form-urlencoded"
TREE = b'{"children": [{"children": [{"name": 1}]}]}'

# Path, media type and body, and what the handler gets.
GOOD = [
    ("/integer", JSON, b"5", 5),
    ("/optional", None, b"", None),
    ("/optional", JSON, b"", None),
    ("/optional", "text/csv", b"", None),
    ("/optional", JSON, b"null", None),
    ("/optional", JSON, b"{}", {}),
    ("/optional", "application/json; charset=utf-8", b"{}", {}),
    ("/accounts", JSON, b'{"name": "a"}', {"name": "a", "settings": {"theme": "light"}}),
    (
        "/accounts",
        JSON,
        b'{"name": "\\ud83d\\ude00"}',
        {"name": "\U0001f600", "settings": {"theme": "light"}},
    ),
    (
        "/accounts",
        JSON,
        b'{"name": "a", "password": "b", "tags": [{}], "settings": {"theme": "dark"}}',
        {"name": "a", "password": "b", "tags": [{"weight": 1}], "settings": {"theme": "dark"}},
    ),
    ("/pets", JSON, b'{"kind": "cat", "lives": 9}', {"kind": "cat", "lives": 9, "tame": True}),
    ("/pets", JSON, b'{"kind": "Dog"}', {"kind": "Dog"}),
    ("/animals", JSON, b'{"species": "Bird", "wings": 2}', {"species": "Bird", "wings": 2}),
    ("/elsewhere", JSON, b'{"code": "ab"}', {"code": "ab"}),
    ("/text", TEXT, "hé".encode(), "hé"),
    ("/text", TEXT, b"", ""),
    ("/binary", "application/pdf", b"\x00\xff", {"bytes": "\x00\xff"}),
    (
        "/form",
        FORM,
        b"name=a%26b&tags=x+y%20z&count=3&pair=%7B%22a%22%3A1%7D&any=true",
        {"name": "a&b", "count": 3, "tags": ["x", "y", "z"], "pair": {"a": 1}, "any": True},
    ),
    ("/form", FORM, b"name=a", {"name": "a", "count": 1}),
]

# Path, media type and body, and where what is wrong.
BAD = [
    ("/integer", JSON, b"null", [("", 'is not of type "integer"')]),
    ("/integer", JSON, b"", [("", "is missing")]),
    ("/integer", None, b"", [("", "is missing")]),
    ("/optional", JSON, b"3", [("", 'is not of types "null", "object"')]),
    ("/accounts", JSON, b'{"name": "a", "id": 1}', [("/id", "is read only")]),
    ("/accounts", JSON, b"{}", [("", 'lacks "name"')]),
    ("/pets", JSON, b'{"kind": "cat"}', [("", 'lacks "lives"')]),
    ("/pets", JSON, b'{"kind": "Dog", "x": 1}', [("", "has what is not known: x")]),
    ("/pets", JSON, b'{"kind": "Cat"}', [("/kind", 'is not one of "cat" or "Dog"')]),
    ("/pets", JSON, b"{}", [("", 'lacks "kind"')]),
    ("/animals", JSON, b'{"species": "Bird"}', [("", 'lacks "wings"')]),
    ("/trees", JSON, TREE, [("/children/0/children/0/name", 'is not of type "string"')]),
    (
        "/elsewhere",
        JSON,
        b'{"code": "ab", "parent": {"code": "x"}}',
        [("/parent/code", "is shorter than 2 characters")],
    ),
    ("/text", TEXT, b"\xff", [("", "is unreadable: it is not in UTF-8")]),
    ("/text", TEXT, b"too long", [("", "is longer than 5 characters")]),
    ("/text", None, b"", [("", "is missing")]),
    (
        "/form",
        FORM,
        b"count=x&colour=red&pair=z",
        [
            ("/pair", "is no JSON"),
            ("", 'lacks "name"'),
            ("/count", 'is not of type "integer"'),
            ("/colour", "is not known"),
        ],
    ),
    ("/form", FORM, b"", [("", 'lacks "name"')]),
    ("/form", FORM, b"name=%FF", [("", "is unreadable: it is not in UTF-8")]),
    ("/form", FORM, b"name=%00", [("/name", "has a NUL character")]),
    (
        "/upload",
        "multipart/form-data",
        b"x",
        [("", "is unreadable: its Content-Type has no boundary")],
    ),
]


def send(client: TestClient, path: str, media_type: str | None, body: bytes) -> Any:
    """Send a body of this media type."""
    headers = {"Content-Type": media_type} if media_type else {}
    return client.post(path, content=body, headers=headers)


@pytest.mark.parametrize(("path", "media_type", "body", "expected"), GOOD)
def test_handler_gets_the_body(
    wide: TestClient, path: str, media_type: str | None, body: bytes, expected: Any
) -> None:
    response = send(wide, path, media_type, body)

    assert (response.status_code, response.json()) == (200, {"body": expected})


@pytest.mark.parametrize(("path", "media_type", "body", "expected"), BAD)
def test_body_that_is_not_as_the_contract_says_is_refused(
    wide: TestClient, path: str, media_type: str | None, body: bytes, expected: Any
) -> None:
    response = send(wide, path, media_type, body)

    found = [(each["name"], each["detail"]) for each in response.json()["errors"]]
    assert (response.status_code, sorted(found)) == (400, sorted(expected))


@pytest.mark.parametrize(
    ("path", "media_type", "detail"),
    [
        ("/integer", None, "must be application/json, in UTF-8; the request has none."),
        ("/text", "text/html", "must be text/plain, in UTF-8; the request has another."),
        ("/binary", "image/png", "must be application/*, in UTF-8; the request has another."),
        (
            "/text",
            "text/plain; charset=utf-16",
            "must be text/plain, in UTF-8; the request has another.",
        ),
    ],
)
def test_body_of_another_media_type_is_refused(
    wide: TestClient, path: str, media_type: str | None, detail: str
) -> None:
    response = send(wide, path, media_type, b"5")

    assert response.status_code == 415
    assert response.json()["detail"] == f"The Content-Type {detail}"


def test_handler_gets_files_and_fields(wide: TestClient) -> None:
    files: list[Any] = [
        ("file", ("a.txt", b"hi", "text/plain")),
        ("more", ("b", b"1", "image/png")),
        ("more", ("c", b"2", "image/png")),
        # As browsers send a Blob.
        ("meta", ("blob", b'{"a": 1}', "application/json")),
        ("metas", (None, b'{"a": 1}')),
        ("metas", (None, b'{"b": "1"}')),
        ("count", (None, b"3")),
        ("tags", (None, b"x")),
    ]

    assert wide.post("/upload", files=files).json()["body"] == {
        "file": ["a.txt", "text/plain", 2, "hi"],
        "more": [["b", "image/png", 1, "1"], ["c", "image/png", 1, "2"]],
        "meta": {"a": 1},
        "metas": [{"a": 1}, {"b": "1"}],
        "count": 3,
        "tags": ["x"],
    }


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            [("meta", (None, b'{"a": "x"}'))],
            [("", 'lacks "file"'), ("/meta/a", 'is not of type "integer"')],
        ),
        ([("file", ("a", b"")), ("tags", (None, b"\xff"))], [("/tags", "is not in UTF-8")]),
        ([("file", ("a", b"1")), ("file", ("b", b"2"))], [("/file", "is given twice")]),
        ([("file", ("a", b"1")), ("other", (None, b"2"))], [("/other", "is not known")]),
    ],
)
def test_form_with_files_that_is_bad_is_explained(
    wide: TestClient, files: list[Any], expected: list[tuple[str, str]]
) -> None:
    response = wide.post("/upload", files=files)

    found = [(each["name"], each["detail"]) for each in response.json()["errors"]]
    assert (response.status_code, sorted(found)) == (400, expected)


@pytest.mark.parametrize("path", ["/integer", "/text", "/binary", "/form"])
def test_body_that_is_encoded_is_refused(wide: TestClient, path: str) -> None:
    response = wide.post(path, content=b"5", headers={"Content-Encoding": "gzip"})

    assert response.status_code == 415
    assert response.headers["Accept-Encoding"] == "identity"
    assert response.json()["detail"] == "The Content-Encoding must be identity, which is none."
    plain = wide.post("/integer", json=5, headers={"Content-Encoding": "identity"})
    assert plain.json() == wide.post("/integer", json=5).json()
