"""Tokens that are mutated at random: ten thousand that must be refused, on all frameworks."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from rendering import QUESTIONS

from identity.conftest import Running
from identity.fuzzing import mutants, send
from identity.issuer import Issuer
from identity.keys import ec_key, ed_key, rsa_key

# What is no header at all is refused by the server, with a 400.
COUNT, REFUSED = 4_200, 3_350
CONNECTIONS = 4


def test_mutated_tokens_are_refused(running: Running, issuer: Issuer, framework: str) -> None:
    keys = [rsa_key("main"), ec_key(), ed_key()]
    seed = 1 + QUESTIONS["framework"].index(framework)
    tokens = list(mutants(seed, COUNT, keys, issuer.address))
    began = time.monotonic()

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        shares = [tokens[number::CONNECTIONS] for number in range(CONNECTIONS)]
        found = list(threads.map(lambda share: send(running.host, share), shares))

    statuses = [found[number % CONNECTIONS][number // CONNECTIONS] for number in range(COUNT)]
    seconds = time.monotonic() - began
    print(f"{framework}: {COUNT:,} mutants in {seconds:.1f} s: {dict(Counter(statuses))}")
    assert set(statuses) <= {400, 401, 431}
    assert statuses.count(401) >= REFUSED
    assert b'"level":"error"' not in running.log.read_bytes()
