"""Why a token was refused is in the request's line of the log, and nowhere else."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rendering import ROOT

from identity.conftest import Running
from identity.issuer import Issuer
from identity.keys import claims_of, forge, header_of, rsa_key, token
from identity.refused_claims import REFUSED_CLAIMS
from identity.refused_headers import REFUSED_HEADERS
from identity.refused_shapes import REFUSED_SHAPES
from reliability.clients import until

VALUE = "s3cr3t-claim"
# What the log says, and the refused tokens of which it does.
CAUSES: dict[str, list[str]] = {
    "audience": ["aud-other", "aud-list", "aud-empty", "aud-missing", "aud-object"],
    "issuer": ["iss-other", "iss-slash", "iss-number", "iss-missing"],
    "expiry": ["exp-past", "exp-long-ago", "exp-missing"],
    "not yet valid": ["nbf-future", "iat-future"],
    "key": ["kid-unknown", "kid-missing", "stranger", "alg-none", "rs512-of-rs256-key"],
    "kind": ["typ-rt+jwt", "claim-typ-id", "claim-typ-refresh"],
    "form": ["word", "two-parts", "jwe", "payload-no-json", "sub-missing", "exp-text"],
}
REFUSED = {**REFUSED_HEADERS, **REFUSED_CLAIMS, **REFUSED_SHAPES}
CASES = [(cause, name) for cause, names in CAUSES.items() for name in names]
NOT_VALID = "The token is not valid here"
# What callers were told before the log told more.
DETAILS = {
    "expiry": {NOT_VALID, "The token has expired"},
    "key": {NOT_VALID, "The key of the token is not known"},
    "kind": {"The token is not an access token"},
    "form": {NOT_VALID, "The token is not a JWT"},
}


def refuse(running: Running, made: str | bytes) -> tuple[int, str, dict[str, Any]]:
    """Have a token refused; return the status, the detail and the line of the log."""
    request_id = uuid4().hex
    answer = running.ask("/reader", made, f"X-Request-ID: {request_id}")
    until(lambda: running.logged(request_id))
    return answer.status, json.loads(answer.body)["detail"], running.logged(request_id)


@pytest.mark.parametrize(("cause", "name"), CASES)
def test_cause_is_logged_and_not_told(
    cause: str, name: str, running: Running, issuer: Issuer
) -> None:
    status, detail, line = refuse(running, REFUSED[name](issuer))

    assert (status, line["status"], line["refused"]) == (401, 401, cause)
    assert detail in DETAILS.get(cause, {NOT_VALID})
    assert "subject" not in line


def test_missing_role_and_missing_token_are_causes(running: Running, issuer: Issuer) -> None:
    status, _, line = refuse(running, token(rsa_key("main"), issuer.address, scope="other"))
    assert (status, line["refused"], line["subject"]) == (403, "missing role", "ann")

    status, _, line = refuse(running, "")
    assert (status, line["refused"]) == (401, "no token")


def test_page_tells_every_cause() -> None:
    text = (ROOT / "docs" / "auth.md").read_text("utf-8")
    (table,) = re.findall(r"\| `refused` \| what it means \|\n(.+?)\n\n", text, re.DOTALL)
    cells = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)

    told = re.findall("`([^`]+)`", " ".join(cells))
    assert sorted(told) == sorted([*CAUSES, "missing role", "no token"])


def test_good_token_leaves_no_cause(running: Running, issuer: Issuer) -> None:
    running.ask("/reader", token(rsa_key("main"), issuer.address), "X-Request-ID: good")

    until(lambda: running.logged("good"))

    assert "refused" not in running.logged("good")


def key_of_that_name(issuer: Issuer) -> bytes:
    """Make a token that names a key that nobody has."""
    key = rsa_key("main")
    return forge(key, header_of(key, kid=VALUE), claims_of(issuer.address))


MAKERS: dict[str, Callable[[Issuer], str | bytes]] = {
    "iss": lambda issuer: token(rsa_key("main"), f"https://{VALUE}.example"),
    "aud": lambda issuer: token(rsa_key("main"), issuer.address, aud=VALUE),
    "typ": lambda issuer: token(rsa_key("main"), issuer.address, typ=VALUE),
    "sub": lambda issuer: token(rsa_key("main"), issuer.address, sub=f"{VALUE}\n"),
    "exp": lambda issuer: token(rsa_key("main"), issuer.address, exp=VALUE),
    "expired": lambda issuer: token(rsa_key("main"), issuer.address, exp=int(time.time()) - 987654),
    "scope": lambda issuer: token(rsa_key("main"), issuer.address, scope=VALUE),
    "kid": key_of_that_name,
}


@pytest.mark.parametrize("name", MAKERS)
def test_neither_token_nor_claim_is_in_the_log(name: str, running: Running, issuer: Issuer) -> None:
    made = MAKERS[name](issuer)

    status, detail, _ = refuse(running, made)

    log = running.log.read_text("utf-8")
    text = made.decode() if isinstance(made, bytes) else made
    assert status in (401, 403)
    assert [part for part in (VALUE, *text.split(".")) if part in log or part in detail] == []
