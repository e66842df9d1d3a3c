"""Tokens that must be refused, by a running service."""

from __future__ import annotations

import json

import pytest

from identity.conftest import Running
from identity.issuer import Issuer
from identity.refused_claims import REFUSED_CLAIMS
from identity.refused_headers import LURE, REFUSED_HEADERS
from identity.refused_shapes import REFUSED_SHAPES

REFUSED = {**REFUSED_HEADERS, **REFUSED_CLAIMS, **REFUSED_SHAPES}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_token_is_refused_and_not_shown(name: str, running: Running, issuer: Issuer) -> None:
    token = REFUSED[name](issuer)

    answer = running.ask("/reader", token)

    assert answer.status == 401, answer
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert answer.headers["content-type"] == "application/problem+json"
    shown = answer.body + json.dumps(answer.headers).encode()
    assert token not in shown or len(token) < 3


def test_refused_token_is_not_logged_and_is_no_failure(running: Running, issuer: Issuer) -> None:
    tokens = [make(issuer) for make in REFUSED.values()]
    for token in tokens:
        assert running.ask("/reader", token).status == 401

    log = running.log.read_bytes()
    long_parts = {part for token in tokens for part in token.split(b".") if len(part) > 20}
    assert [part for part in long_parts if part in log] == []
    assert b'"level":"error"' not in log


def test_address_in_a_token_is_not_asked(running: Running, issuer: Issuer) -> None:
    for name in ("jku", "x5u", "kid-address"):
        assert running.ask("/reader", REFUSED_HEADERS[name](issuer)).status == 401

    assert issuer.count(LURE) == 0
