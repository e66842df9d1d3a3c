# {% if cookiecutter.use_auth %}
"""Routes in code ask for tokens and roles as the contract does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends
from fastapi.testclient import TestClient

from app.standard.auth import Principal, current_principal
from app.standard.framework import RequireRole
from config import Settings
from tests.standard.auth_fixtures import IssueToken
from tests.standard.coded import logged, serving
from tests.standard.probe import PROBE_CONTRACT

router = APIRouter(dependencies=[Depends(RequireRole())])
public = APIRouter()


def who_calls() -> str:
    """Return what a function that is called from a route knows."""
    return current_principal().subject


@router.get("/me")
async def me() -> str:
    return who_calls()


@router.get("/me-in-a-thread")
def me_in_a_thread() -> str:
    return who_calls()


@router.get("/reader")
async def reader(principal: Annotated[Principal, Depends(RequireRole("read"))]) -> list[str]:
    return [principal.subject, who_calls()]


@router.get("/any", dependencies=[Depends(RequireRole("read", "write"))])
async def any_of_two() -> str:
    return who_calls()


@router.get("/both", dependencies=[Depends(RequireRole("read")), Depends(RequireRole("write"))])
async def both() -> str:
    return who_calls()


@public.get("/nobody")
async def nobody() -> str:
    with pytest.raises(LookupError):
        who_calls()
    return "nobody"


@pytest.fixture(scope="module")
def client(wide_settings: Settings) -> Iterator[TestClient]:
    """Give a client that the tests of this file share."""
    whole = APIRouter()
    whole.include_router(router)
    whole.include_router(public)
    with serving(wide_settings, whole) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("path", "roles", "status", "missing"),
    [
        ("/me", [], 200, ""),
        ("/me-in-a-thread", [], 200, ""),
        ("/reader", ["read"], 200, ""),
        ("/reader", ["write"], 403, "read"),
        ("/any", ["write"], 200, ""),
        ("/any", ["other"], 403, "read"),
        ("/both", ["read", "write"], 200, ""),
        ("/both", ["read"], 403, "write"),
    ],
)
def test_token_and_roles_let_in(
    client: TestClient,
    issue_token: IssueToken,
    capsys: pytest.CaptureFixture[str],
    path: str,
    roles: list[str],
    status: int,
    missing: str,
) -> None:
    response = client.get(path, headers=bearer(issue_token("ann", roles)))

    (line,) = logged(capsys)
    assert (response.status_code, line["subject"], line["route"]) == (status, "ann", path)
    if missing:
        assert response.json()["detail"] == f"The role {missing} is needed."
        assert f'scope="{missing}"' in response.headers["WWW-Authenticate"]
        assert line["refused"] == "missing role"
    else:
        assert response.json() == (["ann", "ann"] if path == "/reader" else "ann")


def test_missing_token_is_asked_for(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    response = client.get("/reader")

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert [line["refused"] for line in logged(capsys)] == ["no token"]


def test_bad_token_is_refused_without_being_shown(
    client: TestClient, expired_token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    response = client.get("/me", headers=bearer(expired_token))

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    assert expired_token not in response.text
    assert [line["refused"] for line in logged(capsys)] == ["expiry"]


def test_nobody_is_known_to_a_public_route(client: TestClient, issue_token: IssueToken) -> None:
    assert client.get("/me", headers=bearer(issue_token("ann", []))).json() == "ann"
    assert client.get("/nobody").json() == "nobody"


def test_tokens_have_the_name_that_the_contract_gives_them(
    wide_settings: Settings, tmp_path: Path
) -> None:
    contract = tmp_path / "probe.yml"
    text = PROBE_CONTRACT.read_text("utf-8").replace("bearer: [", "login: [")
    contract.write_text(text.replace("    bearer: {", "    login: {"), "utf-8")

    with serving(wide_settings, router, contract) as client:
        document = client.get("/openapi.json").json()

    assert document["paths"]["/me"]["get"]["security"] == [{"login": []}]
    assert [*document["components"]["securitySchemes"]] == ["login"]


def test_document_says_which_routes_want_a_token(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    asked = {
        path: document["paths"][path]["get"]["security"] for path in ("/me", "/both", "/nobody")
    }

    wanted: Any = [{"bearer": []}]
    assert asked == {"/me": wanted, "/both": wanted, "/nobody": []}
    assert document["components"]["securitySchemes"]["bearer"]["type"] == "http"


# {%- endif +%}
