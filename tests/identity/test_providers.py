"""Each row of the table of providers, as docs/auth.md has it, against what that provider issues."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from rendering import ROOT

from identity.conftest import Running, Start
from identity.issuer import DISCOVERY, KEYS, Issuer, Reply
from identity.keys import claims_of, forge, header_of, rsa_key
from identity.provider_shapes import ENTRA, FILLED_IN, OTHER, SHAPES, TENANT, Shape
from reliability.clients import until

MAIN = rsa_key("main")
PAGE = (ROOT / "docs" / "auth.md").read_text("utf-8")
ROWS = PAGE.partition("## Providers")[2].partition("\n## ")[0].splitlines()
# A row has a name and, in its second cell, settings.
SETTINGS = {
    cells[1].strip(): dict(re.findall(r"`([A-Z_]+)=([^`]+)`", cells[2]))
    for cells in (row.split("|") for row in ROWS if row.startswith("|") and "AUTH_ISSUER" in row)
}
# Tokens are checked alike on all frameworks, so each row is tried on one.
on_one = pytest.mark.parametrize("framework", ["flask"], indirect=True, scope="session")


def here(value: Any, issuer: Issuer) -> Any:
    """Fill in the names in capitals, and put the issuer of this process in the provider's place."""
    text = json.dumps(value)
    for name, known in FILLED_IN.items():
        text = re.sub(rf"\b{name}\b", known, text)
    return json.loads(re.sub(r"https://(HOST|(?!items|other)[a-z.0-9-]+)", issuer.address, text))


def publish(issuer: Issuer, address: str, named: str, key: dict[str, Any]) -> None:
    """Have the issuer call itself so at this address, and have this key."""
    path = urlsplit(address).path.rstrip("/") + DISCOVERY
    metadata = {"issuer": named, "jwks_uri": issuer.address + KEYS}
    issuer.replies[path] = Reply(json.dumps(metadata).encode())
    issuer.replies[KEYS] = Reply(json.dumps({"keys": [key]}).encode())


@contextmanager
def trusting(name: str, start: Start, **settings: str) -> Iterator[tuple[Running, Issuer]]:
    """Give a service with the settings of a row, and the provider with its key."""
    shape = SHAPES[name]
    with Issuer().running() as issuer:
        given = here(SETTINGS[name], issuer)
        named = here(shape.calls_itself, issuer) or given["AUTH_ISSUER"]
        members = {key: value for key, value in MAIN.public.items() if key != "alg"}
        publish(issuer, given["AUTH_ISSUER"], named, members | here(shape.key, issuer))
        address = given.pop("AUTH_ISSUER")
        with start(address, "/healthz", **given | settings) as running:
            yield running, issuer


def send(running: Running, issuer: Issuer, shape: Shape, **changes: Any) -> tuple[int, Any, Any]:
    """Send a token of that shape; return the status, the roles and the cause in the log."""
    nothing = {"aud": None, "scope": None}
    claims = claims_of("", **nothing | here(shape.claims | changes, issuer))
    made = forge(MAIN, header_of(MAIN, **{"typ": None, **shape.header}), claims)
    request_id = uuid4().hex
    answer = running.ask("/anybody", made, f"X-Request-ID: {request_id}")
    until(lambda: running.logged(request_id))
    line = running.logged(request_id)
    return answer.status, set(json.loads(answer.body).get("roles", [])), line.get("refused")


def test_every_row_has_a_shape_and_every_shape_a_row() -> None:
    assert list(SETTINGS) == list(SHAPES)


@on_one
@pytest.mark.parametrize("name", SHAPES)
def test_provider_is_served_by_the_settings_of_its_row(name: str, start: Start) -> None:
    shape = SHAPES[name]
    with trusting(name, start) as (running, issuer):
        assert send(running, issuer, shape) == (200, shape.roles, None)
        found = {
            case: send(running, issuer, shape, **changes)
            for case, (changes, _) in shape.refused.items()
        }

    assert found == {case: (401, set(), cause) for case, (_, cause) in shape.refused.items()}


@on_one
def test_key_of_one_tenant_signs_for_that_tenant_only(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "Entra, several tenants"
    shape = SHAPES[name]._replace(key={"issuer": f"{ENTRA}/TENANT/v2.0"})
    monkeypatch.setitem(SHAPES, name, shape)
    with trusting(name, start) as (running, issuer):
        statuses = [
            send(running, issuer, shape, iss=f"{ENTRA}/{tenant}/v2.0")[0::2]
            for tenant in (TENANT, OTHER)
        ]

    assert statuses == [(200, None), (401, "issuer")]


@on_one
def test_tenants_want_a_list_and_a_list_wants_tenants(start: Start) -> None:
    name = "Entra, several tenants"
    with trusting(name, start, AUTH_TENANTS="") as (running, issuer):
        assert send(running, issuer, SHAPES[name])[0] == 503
        assert "it calls itself" in running.log.read_text("utf-8")

    name = "Entra, tokens of version 2"
    with trusting(name, start, AUTH_TENANTS=TENANT) as (running, issuer):
        assert send(running, issuer, SHAPES[name])[0] == 503


@on_one
def test_cognito_token_is_no_good_without_its_setting(start: Start) -> None:
    shape = SHAPES["Cognito"]
    with trusting("Cognito", start, AUTH_AUDIENCE_CLAIM="aud") as (running, issuer):
        assert send(running, issuer, shape) == (401, set(), "audience")
        # By its audience, it is for the client that logged in.
        changes = {"aud": shape.claims["client_id"], "token_use": "id"}
        assert send(running, issuer, shape, **changes) == (401, set(), "kind")
