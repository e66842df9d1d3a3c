"""Tokens that are good, and the roles that they give."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from identity.conftest import Running
from identity.issuer import Issuer
from identity.keys import (
    AUDIENCE,
    Key,
    any_rsa_key,
    claims_of,
    ec_key,
    ed_key,
    forge,
    header_of,
    other_ec_key,
    rsa_key,
    token,
)
from reliability.clients import BOUND

MAIN = rsa_key("main")
# The key, the algorithm if it is not the key's own, and what the header says beside.
SIGNED: dict[str, tuple[Key, str, dict[str, Any]]] = {
    "rs256": (MAIN, "", {}),
    "rs384": (any_rsa_key(), "RS384", {"alg": "RS384"}),
    "ps512": (any_rsa_key(), "PS512", {"alg": "PS512"}),
    "es256": (ec_key(), "", {}),
    "es384": (other_ec_key(), "", {}),
    "eddsa": (ed_key(), "", {}),
    "typ-absent": (MAIN, "", {"typ": None}),
    "typ-jwt": (MAIN, "", {"typ": "JWT"}),
    "typ-lower-case": (MAIN, "", {"typ": "jwt"}),
    "typ-media-type": (MAIN, "", {"typ": "application/at+jwt"}),
    "more-in-the-header": (MAIN, "", {"x5t": "AAAA", "nonce": "a", "jku": "https://a.example"}),
}
CLAIMS: dict[str, dict[str, Any]] = {
    "audience-in-a-list": {"aud": ["other", AUDIENCE]},
    "no-iat": {"iat": None},
    "typ-bearer": {"typ": "Bearer"},
    "fractions": {"exp": time.time() + 86_400.5, "iat": time.time() - 0.5},
    "unicode-subject": {"sub": "Siân Ŵyn 日本"},
}
ROLES: dict[str, dict[str, Any]] = {
    "scope": {"scope": "openid reader"},
    "scope-list": {"scope": ["openid", "reader"]},
    "scp": {"scp": "openid reader"},
    "scp-list": {"scp": ["reader"]},
    "roles": {"roles": ["reader"]},
    "path": {"realm_access": {"roles": ["reader"]}},
    "name-with-a-dot": {"realm_access.roles": ["reader"]},
}
OTHER_ROLES: dict[str, dict[str, Any]] = {
    "none": {},
    "prefix": {"scope": "reade"},
    "suffix": {"scope": "eader"},
    "longer": {"scope": "readers reader.all"},
    "case": {"scope": "Reader READER"},
    "commas": {"scope": "reader,writer"},
    "joined": {"roles": ["reader writer"]},
    "letters": {"roles": list("reader")},
    "object": {"roles": {"reader": True}},
    "nested": {"roles": [["reader"]]},
    "number": {"roles": 1},
    "elsewhere": {"groups": ["reader"], "resource_access": {"roles": ["reader"]}},
    "path-to-no-object": {"realm_access": "roles"},
    "path-to-null": {"realm_access": {"roles": None}},
}


@pytest.mark.parametrize("name", SIGNED)
def test_token_of_each_kind_is_good(name: str, running: Running, issuer: Issuer) -> None:
    key, algorithm, header = SIGNED[name]
    made = forge(key, header_of(key, **header), claims_of(issuer.address), algorithm)

    answer = running.ask("/reader", made)

    assert (answer.status, answer.body) == (200, b'{"subject":"ann","roles":["reader"]}')


@pytest.mark.parametrize("name", CLAIMS)
def test_token_with_such_claims_is_good(name: str, running: Running, issuer: Issuer) -> None:
    made = token(MAIN, issuer.address, **CLAIMS[name])

    # The second time, it is remembered.
    assert [running.ask("/reader", made).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(("seconds", "status"), [(20, 200), (40, 401)])
def test_leeway_is_30_seconds(seconds: int, status: int, running: Running, issuer: Issuer) -> None:
    now = int(time.time())
    for times in ({"exp": now - seconds}, {"nbf": now + seconds}, {"iat": now + seconds}):
        assert running.ask("/reader", token(MAIN, issuer.address, **times)).status == status


@pytest.mark.parametrize("name", ROLES)
def test_role_in_such_a_claim_is_enough(name: str, running: Running, issuer: Issuer) -> None:
    made = token(MAIN, issuer.address, **{"scope": None, **ROLES[name]})

    assert running.ask("/reader", made).status == 200


@pytest.mark.parametrize("name", OTHER_ROLES)
def test_other_role_is_not_enough(name: str, running: Running, issuer: Issuer) -> None:
    made = token(MAIN, issuer.address, **{"scope": None, **OTHER_ROLES[name]})

    answer = running.ask("/reader", made)

    assert answer.status == 403
    assert json.loads(answer.body)["detail"] == "The role reader is needed."
    assert answer.headers["www-authenticate"] == (
        'Bearer error="insufficient_scope", scope="reader"'
    )
    assert made.encode() not in answer.body


def test_one_of_the_entries_is_enough(running: Running, issuer: Issuer) -> None:
    scopes = {"reader": 403, "writer": 403, "reader writer": 200, "admin": 200}
    tokens = {scope: token(MAIN, issuer.address, scope=scope) for scope in scopes}

    found = {scope: running.ask("/writer", made).status for scope, made in tokens.items()}

    assert found == scopes


def test_any_good_token_is_enough_where_no_role_is_named(running: Running, issuer: Issuer) -> None:
    made = token(MAIN, issuer.address, scope=None)

    assert running.ask("/anybody", made).status == 200
    assert running.ask("/anybody").status == 401


def test_token_expires_although_it_was_seen(running: Running, issuer: Issuer) -> None:
    # The leeway counts: it is good for four seconds more, or five.
    made = token(MAIN, issuer.address, exp=int(time.time()) - 25)
    deadline = time.monotonic() + BOUND

    statuses = [running.ask("/reader", made).status]
    while statuses[-1] == 200 and time.monotonic() < deadline:
        statuses.append(running.ask("/reader", made).status)

    assert statuses[0] == 200
    assert statuses[-1] == 401
