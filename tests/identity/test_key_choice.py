"""Which of the provider's keys a token may be signed with."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from rendering import QUESTIONS

from identity.conftest import Start, on
from identity.issuer import KEYS, Issuer, Reply
from identity.keys import Key, claims_of, ec_key, ed_key, forge, header_of, rsa_key, token
from identity.refused_headers import keyed_hash, public_secrets
from reliability.clients import until

MAIN, OTHER, EC, ED = rsa_key("main"), rsa_key("other"), ec_key(), ed_key()
STRANGER = rsa_key("stranger")
ED448 = Key("ed448", "EdDSA", Ed448PrivateKey.generate())
# The key, the algorithm in the header, and the kid; none is no kid.
Signed = tuple[Key, str, str | None]


def public(key: Key, name: str | None, **members: Any) -> dict[str, Any]:
    """Return a public key under another name; None removes."""
    changed = key.public | {"kid": name, "alg": None} | members
    return {member: value for member, value in changed.items() if value is not None}


# The keys of the provider, the tokens that are good, and those that are not.
CASES: dict[str, tuple[list[dict[str, Any]], list[Signed], list[Signed]]] = {
    "three algorithms of one key": (
        [public(MAIN, "a", alg=name) for name in ("RS256", "RS384", "RS512")],
        [(MAIN, "RS256", "a"), (MAIN, "RS384", "a"), (MAIN, "RS512", "a"), (MAIN, "RS256", None)],
        [(MAIN, "PS256", "a"), (STRANGER, "RS256", "a"), (MAIN, "RS256", "b")],
    ),
    "rsa beside ec": (
        [public(MAIN, "a"), public(EC, "a")],
        [(MAIN, "RS256", "a"), (EC, "ES256", "a")],
        [(STRANGER, "RS256", "a"), (ed_key(), "EdDSA", "a")],
    ),
    "ec beside rsa": (
        [public(EC, "a"), public(MAIN, "a")],
        [(MAIN, "RS256", "a"), (EC, "ES256", "a")],
        [(STRANGER, "RS256", "a"), (ed_key(), "EdDSA", "a")],
    ),
    "two of a kind": (
        [public(MAIN, "a"), public(OTHER, "a"), public(EC, "b")],
        [(MAIN, "RS256", "a"), (OTHER, "RS256", "a"), (EC, "ES256", "b")],
        [(STRANGER, "RS256", "a"), (MAIN, "RS256", "b"), (MAIN, "RS256", None)],
    ),
    "the only key has no name": (
        [public(MAIN, None)],
        [(MAIN, "RS256", "any"), (MAIN, "RS256", None), (MAIN, "RS256", "")],
        [(STRANGER, "RS256", "any"), (STRANGER, "RS256", None), (EC, "ES256", "any")],
    ),
    "no key has a name": (
        [public(MAIN, None), public(OTHER, None), public(EC, None)],
        [(MAIN, "RS256", "any"), (OTHER, "RS256", None), (EC, "ES256", "any")],
        [(STRANGER, "RS256", "any"), (STRANGER, "RS256", None)],
    ),
    "one has no name": (
        [public(MAIN, None), public(EC, "b")],
        [(MAIN, "RS256", None), (EC, "ES256", "b")],
        [(MAIN, "RS256", "any"), (MAIN, "RS256", "b"), (EC, "ES256", None)],
    ),
    "ed25519 by its new name": (
        [public(ED, "a", alg="Ed25519")],
        [(ED, "Ed25519", "a"), (ED, "EdDSA", "a")],
        [(ED, "Ed448", "a"), (ED, "ES256", "a"), (ED, "none", "a")],
    ),
    "ed25519 by its old name": (
        [public(ED, "a", alg="EdDSA")],
        [(ED, "EdDSA", "a"), (ED, "Ed25519", "a")],
        [(ED, "Ed448", "a")],
    ),
    "ed25519 without a name": (
        [public(ED, "a")],
        [(ED, "EdDSA", "a"), (ED, "Ed25519", "a")],
        [(ED, "ES256", "a")],
    ),
    "ed25519 by a wrong name": (
        [public(ED, "a", alg="ES256"), public(ED, "b", alg="Ed448"), public(MAIN, "c")],
        [(MAIN, "RS256", "c")],
        [(ED, "EdDSA", "a"), (ED, "Ed25519", "a"), (ED, "EdDSA", "b")],
    ),
    "ed448": (
        [public(ED448, "a", alg="EdDSA"), public(ED448, "b", alg="Ed25519")],
        [(ED448, "EdDSA", "a")],
        [(ED448, "Ed25519", "a"), (ED448, "Ed25519", "b"), (ED448, "EdDSA", "b")],
    ),
}


def make(signed: Signed, issuer: Issuer) -> bytes:
    """Make a token that is good but for its key, its algorithm and its kid."""
    key, algorithm, name = signed
    by = algorithm if algorithm[:2] in ("RS", "PS") else key.algorithm
    header = header_of(key, alg=algorithm, kid=name)
    return forge(key, header, claims_of(issuer.address), by)


# The frameworks take turns.
@pytest.mark.parametrize(
    ("name", "framework"),
    [*zip(CASES, itertools.cycle(QUESTIONS["framework"]), strict=False)],
    indirect=["framework"],
    scope="session",
)
def test_token_is_good_if_one_of_its_keys_signed_it(name: str, start: Start) -> None:
    keys, good, bad = CASES[name]
    with Issuer().running() as issuer:
        issuer.replies[KEYS] = Reply(json.dumps({"keys": keys}).encode())
        with start(issuer.address) as running:
            # Each twice: the second time, it is remembered.
            tokens = [make(signed, issuer) for signed in (*good, *good, *bad, *bad)]
            statuses = [running.ask("/reader", made).status for made in tokens]
            expired = token(MAIN, issuer.address, exp=1).encode()
            hashed = keyed_hash(public_secrets()["pem"], issuer, kid="a")
            others = [running.ask("/reader", made).status for made in (expired, hashed)]

    assert statuses == [200] * 2 * len(good) + [401] * 2 * len(bad)
    assert others == [401, 401]


@on("fastapi")
def test_cause_is_that_of_the_key_that_signed(start: Start) -> None:
    keys = [public(MAIN, "main", alg=name) for name in ("RS512", "RS256", "RS384")]
    with Issuer().running() as issuer:
        issuer.replies[KEYS] = Reply(json.dumps({"keys": keys}).encode())
        with start(issuer.address) as running:
            answer = running.ask("/reader", token(MAIN, issuer.address, exp=1), "X-Request-ID: old")
            until(lambda: running.logged("old"))

            assert json.loads(answer.body)["detail"] == "The token has expired"
            assert running.logged("old")["refused"] == "expiry"


@on("flask")
def test_new_key_without_a_name_is_found_in_time(start: Start) -> None:
    settings = {"AUTH_KEYS_RETRY": "0.1", "AUTH_KEYS_MAX_AGE": "1"}
    with Issuer().running() as issuer:
        issuer.replies[KEYS] = Reply(json.dumps({"keys": [public(MAIN, None)]}).encode())
        with start(issuer.address, **settings) as running:
            old, new = (make((key, "RS256", "any"), issuer) for key in (MAIN, OTHER))
            assert [running.ask("/reader", made).status for made in (old, new)] == [200, 401]

            issuer.replies[KEYS] = Reply(json.dumps({"keys": [public(OTHER, None)]}).encode())

            until(lambda: running.ask("/reader", new).status == 200)
            assert running.ask("/reader", old).status == 401
