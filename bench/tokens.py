"""What the check of a token adds to the time of a request."""

import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import fmean
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from bench.measuring import LEFT_OUT, migrate
from examples.serving import environment, free_port, serving

# Of a token that was seen before: what it adds, as a part of the time without; of a new one: the
# milliseconds that it adds.
SEEN_BAR, NEW_BAR = 0.15, 0.5
# Of a round: few, so that a round can pass without being disturbed.
REQUESTS = 20
PATH = "/items"


class Issuer:
    """An OpenID provider of two files, and a key that it signs with."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self._key = generate_private_key(public_exponent=65537, key_size=2048)
        self._issued = 0
        public: dict[str, Any] = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        documents: dict[str, Any] = {
            "keys": {"keys": [{**public, "kid": "bench", "alg": "RS256"}]},
            ".well-known/openid-configuration": {"issuer": address, "jwks_uri": f"{address}/keys"},
        }
        for name, document in documents.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(json.dumps(document), "utf-8")

    def issue(self) -> str:
        """Return a token like those of the common providers, unlike all before it."""
        self._issued += 1
        now = int(time.time())
        claims = {
            **{"iss": self.address, "aud": ["items", "account"], "sub": "0f4c1d1e-ann"},
            **{"iat": now, "nbf": now, "exp": now + 3600, "jti": str(self._issued)},
            **{"azp": "swagger-ui", "scope": "openid profile email items.read"},
            "realm_access": {"roles": ["offline_access", "uma_authorization"]},
        }
        headers = {"kid": "bench", "typ": "at+jwt"}
        return jwt.encode(claims, self._key, "RS256", headers=headers)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Serve an issuer until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        handler = partial(_Quiet, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield Issuer(f"http://127.0.0.1:{server.server_port}", Path(folder))
            server.shutdown()


def seconds_per_request(host: str, tokens: list[str]) -> float:
    """Request the list once for each token, over one connection; an empty one is not sent."""
    connection = http.client.HTTPConnection(host)
    seconds = []
    for token in tokens:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        began = time.perf_counter()
        connection.request("GET", PATH, headers=headers)
        response = connection.getresponse()
        response.read()
        seconds.append(time.perf_counter() - began)
        if response.status != http.client.OK:
            raise RuntimeError(f"{PATH} answered {response.status}")
    connection.close()
    return fmean(seconds)


def measure_tokens(framework: str, render: Callable[..., Path], url: str, rounds: int) -> list[str]:
    """Measure a framework, with auth and without it; print, and return the bars that are missed."""
    python = Path(sys.executable)
    variables = environment() | {"DATABASE_URL": url, "LOG_LEVEL": "WARNING"}
    plain, guarded = render(framework, *LEFT_OUT), render(framework, "use_worker", "use_telemetry")
    migrate(plain, url)
    found: dict[str, list[float]] = {"without auth": [], "token seen": [], "token new": []}
    with ExitStack() as stack:
        issuer = stack.enter_context(issuing())
        trust = {"AUTH_ISSUER": issuer.address, "AUTH_AUDIENCE": "items"}
        started = [(plain, variables), (guarded, variables | trust)]
        without, behind = (
            stack.enter_context(serving(folder, python, free_port(), settings))[0].partition("//")[
                2
            ]
            for folder, settings in started
        )
        token = issuer.issue()
        for _ in range(rounds):
            new = [issuer.issue() for _ in range(REQUESTS)]
            found["without auth"].append(seconds_per_request(without, [""] * REQUESTS))
            found["token seen"].append(seconds_per_request(behind, [token] * REQUESTS))
            found["token new"].append(seconds_per_request(behind, new))
    return report(framework, {name: min(seconds) * 1000 for name, seconds in found.items()})


def report(framework: str, best: dict[str, float]) -> list[str]:
    """Print the milliseconds of the best rounds; return the bars that are missed."""
    plain, seen, new = best.values()
    for name, value in best.items():
        added = f"{value - plain:+7.3f} {value / plain - 1:+7.1%}" if value != plain else ""
        print(f"{framework + ' ' + PATH + ', ' + name:34} {value:7.3f} {added}")
    missed = []
    if seen / plain - 1 > SEEN_BAR:
        missed.append(f"{framework}: a seen token adds {seen / plain - 1:.1%}, not {SEEN_BAR:.0%}")
    if new - plain > NEW_BAR:
        missed.append(f"{framework}: a new token adds {new - plain:.2f} ms, the bar is {NEW_BAR}")
    return missed
