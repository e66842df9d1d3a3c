"""What a certified OpenID provider issues is accepted, and what it withdraws is not."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest

from identity.conftest import Running, Start
from identity.login import tokens_of
from identity.real_provider import AUDIENCE, real_provider
from reliability.clients import until

REDIRECT = "http://127.0.0.1:1/ui/"
SETTINGS = {
    "AUTH_AUDIENCE": AUDIENCE,
    "AUTH_KEYS_RETRY": "0.1",
    "CLIENT_ID": "service",
    "CLIENT_SECRET": "only-for-tests",
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the provider, and give its address."""
    with real_provider(tmp_path_factory.mktemp("provider"), REDIRECT) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def trusting(start: Start, provider: str) -> Iterator[Running]:
    """Give a service that trusts the provider."""
    with start(provider, **SETTINGS) as running:
        yield running


def fetch_token(running: Running) -> str:
    """Return the token that the service gets for its calls to others."""
    answer = running.ask("/token")
    assert answer.status == 200, answer
    found: str = json.loads(answer.body)["token"]
    return found


def test_token_of_client_credentials_is_good(trusting: Running) -> None:
    answer = trusting.ask("/items", fetch_token(trusting))

    assert (answer.status, answer.body) == (200, b'{"subject":"service","roles":["items.read"]}')


def test_user_has_the_roles_that_the_provider_says(trusting: Running, provider: str) -> None:
    statuses = {
        name: trusting.ask("/items", tokens_of(name, provider, REDIRECT)["access_token"]).status
        for name in ("reader", "stranger")
    }

    assert statuses == {"reader": 200, "stranger": 403}


def test_id_token_is_refused(trusting: Running, provider: str) -> None:
    tokens = tokens_of("reader", provider, REDIRECT)

    assert trusting.ask("/anybody", tokens["access_token"]).status == 200
    assert trusting.ask("/anybody", tokens["id_token"]).status == 401


def test_rotation_is_noticed_and_the_old_key_refused(trusting: Running, provider: str) -> None:
    old = fetch_token(trusting)
    assert trusting.ask("/items", old).status == 200

    with urllib.request.urlopen(f"{provider}/rotate", b"", timeout=10):
        new = tokens_of("reader", provider, REDIRECT)["access_token"]
    until(lambda: trusting.ask("/items", new).status == 200)

    assert trusting.ask("/items", old).status == 401
