"""A provider that is down, slow, or asked by too many."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from identity.conftest import Running, Start, on
from identity.issuer import DISCOVERY, Issuer
from identity.keys import claims_of, forge, header_of, rsa_key, token
from reliability.clients import until

KEY = rsa_key("main")
pytestmark = on("flask")
# Of what needs no answer of the provider, for which a service waits 5 seconds; a busy machine
# takes its time.
AT_ONCE = 4.0
CROWD, UNKNOWN = 20, 200


@pytest.fixture(scope="module")
def aging(start: Start) -> Iterator[tuple[Issuer, Running]]:
    """Give an issuer, and a service that soon wants its keys again."""
    settings = {"AUTH_KEYS_RETRY": "0.2", "AUTH_KEYS_MAX_AGE": "3"}
    with Issuer(KEY).running() as issuer, start(issuer.address, **settings) as running:
        yield issuer, running


def readiness(running: Running) -> tuple[int, dict[str, object]]:
    """Return the status of the probe, and what the check tells."""
    answer = running.ask("/readyz")
    return answer.status, json.loads(answer.body)["checks"]["auth"]


def is_good(running: Running, made: str) -> bool:
    """Tell whether a token is accepted."""
    return running.ask("/reader", made).status == 200


def test_service_starts_without_its_provider_and_recovers_by_one_fetch(start: Start) -> None:
    issuer = Issuer(KEY)
    tokens = [token(KEY, issuer.address, sub=f"ann-{number}") for number in range(CROWD)]
    began = time.monotonic()
    with start(issuer.address, "/healthz", AUTH_KEYS_RETRY="0.5") as running:
        assert readiness(running) == (503, {"status": "failing"})
        answers = [running.ask("/reader", given) for given in (tokens[0], "hunter2", "")]
        assert [answer.status for answer in answers] == [503, 401, 401]
        assert answers[0].headers["retry-after"] == "1"

        with issuer.running(), ThreadPoolExecutor(CROWD) as threads:
            with issuer.holding():
                first = threads.submit(until, lambda: is_good(running, tokens[0]))
                until(lambda: issuer.count(DISCOVERY))
                waiting = [threads.submit(is_good, running, made) for made in tokens[1:]]
                asked = time.monotonic()
                assert running.ask("/public").status == 200
                assert time.monotonic() - asked < AT_ONCE
            first.result()
            assert all(answer.result() for answer in waiting)
            assert (issuer.count(DISCOVERY), issuer.count()) == (1, 1)
            status, check = readiness(running)
            age = check.pop("keys_age_seconds")
            assert (status, check) == (200, {"status": "ok"})
            assert isinstance(age, int)
            assert 0 <= age <= time.monotonic() - began


def test_slow_provider_keeps_nobody_waiting_whose_key_is_known(
    aging: tuple[Issuer, Running],
) -> None:
    issuer, running = aging
    made = token(KEY, issuer.address)
    until(lambda: is_good(running, made))
    waits: list[float] = []

    def is_asked() -> bool:
        began = time.monotonic()
        assert [running.ask(path, made).status for path in ("/reader", "/readyz")] == [200, 200]
        waits.append(time.monotonic() - began)
        return issuer.count(DISCOVERY) > asked

    asked = issuer.count(DISCOVERY)
    with issuer.holding():
        # Keys that are used are fetched anew before they are too old.
        until(is_asked)
        is_asked()

    assert max(waits) < AT_ONCE


def test_keys_are_used_while_the_provider_is_down_until_they_are_old(
    aging: tuple[Issuer, Running],
) -> None:
    issuer, running = aging
    made = token(KEY, issuer.address)
    asked: list[float] = []

    def is_new() -> bool:
        asked.append(time.monotonic())
        return readiness(running)[1].get("keys_age_seconds") == 0

    until(is_new)
    issuer.stop()
    seen: list[tuple[int, int]] = []

    def is_out() -> bool:
        seen.append((running.ask("/reader", made).status, readiness(running)[0]))
        return seen[-1] == (503, 503)

    until(is_out)
    assert 2.0 < time.monotonic() - asked[-1] < 3.0 + AT_ONCE
    # The keys may have become too old between the two questions.
    assert set(seen[:-1]) <= {(200, 200), (200, 503)}

    issuer.start()
    assert until(lambda: is_good(running, made)) < 0.2 + AT_ONCE
    assert readiness(running)[0] == 200


def test_unknown_keys_do_not_hammer_the_provider(running: Running, issuer: Issuer) -> None:
    def unknown() -> bytes:
        return forge(KEY, header_of(KEY, kid=uuid4().hex), claims_of(issuer.address))

    asked = issuer.count()
    began = time.monotonic()
    statuses = [running.ask("/reader", unknown()).status for _ in range(UNKNOWN)]

    assert set(statuses) == {401}
    assert issuer.count() - asked <= 1 + (time.monotonic() - began) / 10
