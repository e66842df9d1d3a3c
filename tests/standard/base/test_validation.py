import pytest
from starlette.testclient import TestClient

UUID = "6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", "2026-02-28"),
        ("moment", "2026-02-28T12:00:00Z"),
        ("moment", "2026-02-28T12:00:00.5+01:00"),
        ("id", UUID),
        ("flag", "true"),
        ("kind", "a"),
    ],
)
def test_good_parameter_arrives(probe: TestClient, name: str, value: str) -> None:
    response = probe.get("/echo", params={name: value})

    assert response.status_code == 200
    assert list(response.json()) == [name]


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("day", "28-02-2026", "must be date string"),
        ("day", "2026-02-30", "must be date string"),
        ("day", "2026-W09-6", "must be date string"),
        ("moment", "2026-02-28T12:00:00", "must be date-time string"),
        ("moment", "2026-02-28 12:00:00Z", "must be date-time string"),
        ("id", "{" + UUID + "}", "must be uuid string"),
        ("flag", "maybe", "must be boolean"),
        ("kind", "c", "must be one of a, b"),
        ("count", "9223372036854775808", "must be integer: has an integer of more than 64 bits"),
        ("ratio", "nan", "must be number"),
        ("ratio", "1e999", "must be number: has a number that is not finite"),
        ("count", "1_0", "must be integer"),
        ("count", "٣", "must be integer"),
        ("count", "+1", "must be integer"),
        ("count", "01", "must be integer"),
        ("count", " 1", "must be integer"),
        ("colour", "red", "is not known"),
    ],
)
def test_bad_parameter_is_named(probe: TestClient, name: str, value: str, wanted: str) -> None:
    response = probe.get("/echo", params={name: value})

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"].startswith(f"query '{name}' {wanted}")
    assert response.json()["errors"][0]["name"] == name


@pytest.mark.parametrize("name", ["flag", "names"])
def test_repeated_parameter_is_named(probe: TestClient, name: str) -> None:
    response = probe.get(f"/echo?{name}=true&{name}=false")

    assert response.status_code == 400
    assert response.json()["detail"] == f"query '{name}' is given twice"


@pytest.mark.parametrize("query", ["filter=a&filter[b]=c", "filter[count][a]=1"])
def test_nested_parameter_that_is_unreadable_is_refused(probe: TestClient, query: str) -> None:
    response = probe.get(f"/search?{query}")

    assert response.status_code == 400
    assert response.json()["detail"].startswith("query 'filter' must be object: is no ")
    assert probe.get("/search?filter[count]=1").json() == {"count": 1}


def test_list_is_separated_by_commas(probe: TestClient) -> None:
    assert probe.get("/echo?names=a,b").json() == {"names": ["a", "b"]}


def test_every_bad_parameter_is_named(probe: TestClient) -> None:
    response = probe.get("/echo", params={"day": "today", "flag": "maybe", "colour": "red"})

    assert [error["name"] for error in response.json()["errors"]] == ["colour", "day", "flag"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"name": 1}', {"in": "body", "name": "/name", "detail": 'is not of type "string"'}),
        (b'{"name": "\\u0000"}', {"in": "body", "name": "", "detail": "has a NUL character"}),
        (
            b'{"a":' * 65 + b"1" + b"}" * 65,
            {"in": "body", "name": "", "detail": "is nested more than 64 times"},
        ),
    ],
)
def test_bad_body_is_explained(probe: TestClient, body: bytes, error: dict[str, str]) -> None:
    response = probe.put("/echo", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert response.json()["errors"] == [error]


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"NaN", b"[1e999]", b"\xff", b"[" * 5000, b"1" * 5000, b"[9223372036854775808]"),
        b'{"name": "\\ud83d"}',
    ],
)
def test_body_that_is_no_json_is_refused(probe: TestClient, body: bytes) -> None:
    response = probe.put("/echo", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert response.json()["detail"].startswith("The body is unreadable: ")


def test_field_of_a_form_that_is_not_known_is_named(probe: TestClient) -> None:
    response = probe.put("/echo", data={"name": "a", "colour": "red"})

    assert response.status_code == 400
    assert response.json()["detail"] == "body '/colour' is not known"


def test_body_of_another_type_is_refused(probe: TestClient) -> None:
    response = probe.put("/echo", content=b"<a/>", headers={"Content-Type": "text/xml"})

    assert response.status_code == 415


@pytest.mark.parametrize(
    "content_type",
    ["Application/JSON", "application/json;charset=UTF-8", 'application/json ; charset="utf-8"'],
)
def test_media_type_may_be_written_in_many_ways(probe: TestClient, content_type: str) -> None:
    headers = {"Content-Type": content_type}

    assert probe.put("/echo", content=b'{"name": "a"}', headers=headers).json() == {"name": "a"}
    assert probe.put("/echo", content=b'{"name": 1}', headers=headers).status_code == 400


@pytest.mark.parametrize(
    "content_type",
    ["", "a", "a/b/c", "\xe9/b", "text/a; b=c/d", "multipart/form-data; charset=undefined"],
)
def test_content_type_that_nobody_can_read_is_refused(probe: TestClient, content_type: str) -> None:
    headers = [(b"content-type", content_type.encode("latin-1"))]

    assert probe.put("/echo", content=b"{}", headers=headers).status_code == 415
