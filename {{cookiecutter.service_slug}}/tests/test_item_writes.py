"""The tests of what changes the sample's items; they leave with it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from app.idempotency import KEPT, IdempotencyKeyRow
from app.models import ItemRow
from app.standard.database import open_database
from app.standard.http import etag_of
from config import Settings

# {%- if cookiecutter.use_auth +%}
from tests.standard.auth_fixtures import IssueToken

# {%- endif +%}

ELDER = {"name": "Elder", "category": "shrub", "active": True, "created_on": "2026-04-01"}
MERGE_PATCH = "application/merge-patch+json"
KEY = {"Idempotency-Key": "5f6c-once"}


def create(client: TestClient, **headers: str) -> Response:
    """Create an item, and return the response."""
    response = client.post("/items", json=ELDER, headers=headers)
    assert response.status_code == 201
    return response


def patch(client: TestClient, address: str, changes: Any, etag: str) -> Response:
    """Change an item of a tag, and return the response."""
    headers = {"Content-Type": MERGE_PATCH, "If-Match": etag}
    return client.patch(address, json=changes, headers=headers)


def test_created_item_is_where_its_location_says(client: TestClient) -> None:
    created = create(client)

    found = client.get(created.headers["Location"])

    assert created.json() == {"id": created.json()["id"], **ELDER}
    assert found.json() == created.json()
    assert found.headers["ETag"] == created.headers["ETag"]


@pytest.mark.parametrize(
    ("change", "name"),
    [({"name": ""}, "/name"), ({"active": None}, "/active"), ({"colour": "red"}, "colour")],
)
def test_item_that_cannot_be_is_refused(
    client: TestClient, change: dict[str, object], name: str
) -> None:
    address, etag = create(client).headers["Location"], "*"

    responses = [
        client.post("/items", json=ELDER | change),
        client.put(address, json=ELDER | change, headers={"If-Match": etag}),
        patch(client, address, change, etag),
    ]

    assert [response.status_code for response in responses] == [400] * 3
    assert all(name in response.json()["detail"] for response in responses)
    assert client.get(address).json().items() >= ELDER.items()


def test_item_is_replaced_changed_and_deleted_by_who_has_seen_it(client: TestClient) -> None:
    created = create(client)
    address = created.headers["Location"]

    changes = ELDER | {"name": "Elm", "category": "tree"}
    replaced = client.put(address, json=changes, headers={"If-Match": created.headers["ETag"]})
    changed = patch(client, address, {"active": False}, f"W/{replaced.headers['ETag']}")
    same = patch(client, address, {}, changed.headers["ETag"])

    assert replaced.json() == {"id": created.json()["id"], **changes}
    assert changed.json() == replaced.json() | {"active": False}
    assert same.json() == client.get(address).json() == changed.json()
    assert same.headers["ETag"] == changed.headers["ETag"] != replaced.headers["ETag"]

    deleted = client.delete(address, headers={"If-Match": changed.headers["ETag"]})

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert client.get(address).status_code == 404


def test_tag_of_a_compressed_answer_counts(client: TestClient) -> None:
    created = client.post("/items", json=ELDER | {"name": "木" * 200})
    address = created.headers["Location"]

    compressed = client.get(address)
    known = client.get(address, headers={"If-None-Match": compressed.headers["ETag"]})
    changed = patch(client, address, {"active": False}, compressed.headers["ETag"])

    assert compressed.headers["Content-Encoding"]
    assert compressed.headers["ETag"] == f"W/{etag_of(compressed.json())}"
    assert (known.status_code, changed.status_code) == (304, 200)


@pytest.mark.parametrize(
    ("tag", "status"), [(None, 428), ('"another"', 412), ("none", 412), ('W/"a", "b"', 412)]
)
def test_item_that_was_not_seen_is_left_alone(
    client: TestClient, tag: str | None, status: int
) -> None:
    address = create(client).headers["Location"]
    headers = {"If-Match": tag} if tag else {}

    for method, body in (("PUT", ELDER), ("PATCH", {"name": "Elm"}), ("DELETE", None)):
        kind = {"Content-Type": MERGE_PATCH} if method == "PATCH" else {}
        response = client.request(method, address, json=body, headers=headers | kind)

        assert (method, response.status_code) == (method, status)
    assert client.get(address).json().items() >= ELDER.items()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_item_that_is_not_there_is_not_found(client: TestClient, method: str) -> None:
    kind = MERGE_PATCH if method == "PATCH" else "application/json"
    headers = {"If-Match": "*", "Content-Type": kind}

    response = client.request(method, f"/items/{uuid4()}", json=ELDER, headers=headers)

    assert response.status_code == 404


def test_one_of_two_who_change_at_once_is_told(client: TestClient) -> None:
    created = create(client)
    etag = created.headers["ETag"]

    def change(name: str) -> int:
        return patch(client, created.headers["Location"], {"name": name}, etag).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(change, [f"Elm {number}" for number in range(8)]))

    assert sorted(statuses) == [200, *[412] * 7]


def test_request_that_is_sent_again_gets_its_answer_again(client: TestClient) -> None:
    first = create(client, **KEY)

    again = create(client, **KEY)

    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len(client.get("/items").json()) == 1


def test_key_of_another_request_is_refused(client: TestClient) -> None:
    create(client, **KEY)

    response = client.post("/items", json=ELDER | {"name": "Elm"}, headers=KEY)

    assert response.status_code == 422
    assert len(client.get("/items").json()) == 1


def test_request_that_failed_may_be_sent_again(client: TestClient) -> None:
    assert client.post("/items", json={}, headers=KEY).status_code == 400

    create(client, **KEY)


def test_requests_with_one_key_at_once_create_one_item(client: TestClient) -> None:
    def post(_: int) -> tuple[int, str | None]:
        response = client.post("/items", json=ELDER, headers=KEY)
        return response.status_code, response.headers.get("Location")

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(post, range(8)))

    assert {status for status, _ in answers} <= {201, 409}
    assert len({location for status, location in answers if status == 201}) == 1
    assert len(client.get("/items").json()) == 1


def test_key_whose_first_request_still_runs_is_refused(
    client: TestClient, settings: Settings
) -> None:
    # {% if cookiecutter.use_auth %}
    lock = func.hashtextextended(f"admin {KEY['Idempotency-Key']}", 0)
    # {% endif %}
    # {% if not cookiecutter.use_auth %}
    # {% print '    lock = func.hashtextextended(f" {KEY[\'Idempotency-Key\']}", 0)\n' %}
    # {% endif %}

    async def post_meanwhile() -> Response:
        async with open_database(settings) as database, database.session() as session:
            await session.execute(select(func.pg_advisory_xact_lock(lock)))
            post = client.post
            return await asyncio.to_thread(post, "/items", json=ELDER, headers=KEY)

    response = asyncio.run(post_meanwhile())

    assert (response.status_code, response.headers["Retry-After"]) == (409, "1")
    create(client, **KEY)


# {% if cookiecutter.use_auth %}
def test_key_is_that_of_its_caller(
    client: TestClient, issue_token: IssueToken, roles: list[str]
) -> None:
    first = create(client, **KEY)
    client.headers["Authorization"] = f"Bearer {issue_token('another', roles)}"

    assert create(client, **KEY).json()["id"] != first.json()["id"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_reader_changes_nothing(client: TestClient, reader_token: str, method: str) -> None:
    address = create(client).headers["Location"]
    client.headers["Authorization"] = f"Bearer {reader_token}"

    response = client.request(method, "/items" if method == "POST" else address, json=ELDER)

    assert response.status_code == 403
    assert client.get(address).json().items() >= ELDER.items()


# {% endif %}
def test_key_that_is_too_old_is_forgotten(client: TestClient, settings: Settings) -> None:
    async def run(statement: Any) -> Any:
        async with open_database(settings) as database, database.session() as session:
            return (await session.scalars(statement)).all()

    first = create(client, **KEY)
    create(client, **{"Idempotency-Key": "another"})
    age = func.now() - KEPT - timedelta(seconds=1)
    aged = update(IdempotencyKeyRow).values(created_at=age).returning(IdempotencyKeyRow.key)
    assert len(asyncio.run(run(aged))) == 2

    again = create(client, **KEY)

    assert again.headers["Location"] != first.headers["Location"]
    assert asyncio.run(run(select(IdempotencyKeyRow.key))) == [KEY["Idempotency-Key"]]
    assert len(asyncio.run(run(select(ItemRow.id)))) == 3
