"""A provider that answers what it must not: the keys at hand stay, and no bad one comes in."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from examples.serving import get
from identity.conftest import Running, Start, on
from identity.garbage import ELSEWHERE, dripping, garbage
from identity.issuer import DISCOVERY, KEYS, Issuer, Reply
from identity.keys import claims_of, ec_key, encode, forge, header_of, pack, rsa_key, token
from reliability.clients import until

GOOD = rsa_key("good")
OTHER = rsa_key("other")
pytestmark = on("async")
# The service's, and what a busy machine adds.
PATIENCE = 5.0 + 3.0


@pytest.fixture(scope="module")
def pair(start: Start) -> Iterator[tuple[Issuer, Running]]:
    """Give an issuer, and a service that asks it as often as it is made to."""
    with Issuer(GOOD).running() as issuer, start(issuer.address, AUTH_KEYS_RETRY="0.01") as running:
        yield issuer, running


@pytest.fixture
def restless(pair: tuple[Issuer, Running]) -> tuple[Issuer, Running]:
    """Give both as they were, whatever a test did with them."""
    issuer, running = pair
    issuer.replies.clear()
    issuer.keys = [GOOD]
    good = token(GOOD, issuer.address)
    until(lambda: refetch(issuer, running) and running.ask("/reader", good).status == 200)
    return pair


def refetch(issuer: Issuer, running: Running) -> bool:
    """Make the service ask its issuer for the keys, by a token of a key that nobody has."""
    made = forge(OTHER, header_of(OTHER, kid="nobody"), claims_of(issuer.address))
    seen = issuer.count(DISCOVERY)

    def is_asked() -> bool:
        assert running.ask("/reader", made).status == 401
        return issuer.count(DISCOVERY) > seen

    until(is_asked)
    return True


def test_keys_at_hand_stay(restless: tuple[Issuer, Running]) -> None:
    issuer, running = restless
    tokens = [token(key, issuer.address) for key in (OTHER, GOOD)]
    statuses = {}
    for name, (path, answer) in garbage(issuer).items():
        issuer.replies = {path: answer}
        refetch(issuer, running)
        statuses[name] = tuple(running.ask("/reader", made).status for made in tokens)

    assert {name: found for name, found in statuses.items() if found != (401, 200)} == {}
    assert issuer.count(ELSEWHERE) == 0
    levels = {json.loads(line)["level"] for line in running.log.read_text("utf-8").splitlines()}
    assert levels == {"info", "warning"}


def test_key_that_is_no_good_is_left_out(restless: tuple[Issuer, Running]) -> None:
    issuer, running = restless
    secret = b"secret of thirty-two bytes, 256 b"
    bad: list[Any] = [
        *("key", None, {}, {"kty": ["RSA"]}),
        {"kty": "oct", "kid": "oct", "k": encode(secret).decode(), "alg": "HS256"},
        {**OTHER.public, "d": "AQ", "kid": "private"},
        {**ec_key().public, "d": encode(bytes(32)).decode(), "kid": "private-ec"},
        {**rsa_key("small", 1024).public, "kid": "small"},
        {**OTHER.public, "use": "enc", "kid": "encryption"},
    ]
    issuer.replies[KEYS] = Reply(json.dumps({"keys": [*bad, ec_key().public]}).encode())

    assert running.ask("/reader", token(ec_key(), issuer.address)).status == 200
    head = pack(header_of(OTHER, kid="oct", alg="HS256")) + b"." + pack(claims_of(issuer.address))
    hashed = head + b"." + encode(hmac.digest(secret, head, "sha256"))
    others = [("private", OTHER), ("private-ec", ec_key()), ("encryption", OTHER)]
    others.append(("small", rsa_key("small", 1024)))
    tokens = [
        forge(key, header_of(key, kid=name), claims_of(issuer.address)) for name, key in others
    ]
    assert [running.ask("/reader", made).status for made in (hashed, *tokens)] == [401] * 5


def test_rotated_key_is_refused_although_its_token_was_seen(
    restless: tuple[Issuer, Running],
) -> None:
    issuer, running = restless
    old, new = token(GOOD, issuer.address), token(OTHER, issuer.address)
    assert [running.ask("/reader", old).status for _ in range(2)] == [200, 200]

    issuer.keys = [OTHER]
    until(lambda: running.ask("/reader", new).status == 200)

    assert running.ask("/reader", old).status == 401
    assert base64.b64encode(old.encode()) not in running.log.read_bytes()


def test_key_that_changes_under_its_name_is_refused(restless: tuple[Issuer, Running]) -> None:
    issuer, running = restless
    old = token(GOOD, issuer.address)
    assert [running.ask("/reader", old).status for _ in range(2)] == [200, 200]

    issuer.replies[KEYS] = Reply(json.dumps({"keys": [OTHER.public | {"kid": "good"}]}).encode())
    refetch(issuer, running)

    assert running.ask("/reader", old).status == 401


# It takes the seconds that the service has patience for.
def test_answer_that_never_ends_is_given_up(restless: tuple[Issuer, Running]) -> None:
    issuer, running = restless
    issuer.replies[KEYS] = dripping
    made = forge(OTHER, header_of(OTHER), claims_of(issuer.address))
    began = time.monotonic()

    status, _ = get(f"http://127.0.0.1:{running.port}/reader", made.decode())

    assert status == 401
    assert time.monotonic() - began < PATIENCE
    assert running.ask("/reader", token(GOOD, issuer.address)).status == 200
