"""The keys that sign tokens (RFC 7517)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jwt
import structlog

ALGORITHMS = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA"}),
}

logger = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """A public key, and the algorithms that its owner may sign with."""

    key: Any
    algorithms: frozenset[str]


class KeySource(Protocol):
    """Who signs the tokens."""

    issuer: str

    async def find_key(self, key_id: str | None) -> SigningKey | None:
        """Return the key of this id, if there is one."""

    async def check(self) -> Mapping[str, object]:
        """Raise unless there are keys; return what readiness tells of them."""

    async def describe(self, scheme: dict[str, Any]) -> dict[str, Any]:
        """Return a security scheme of the contract as clients can use it."""


def read_keys(keys: Iterable[Any]) -> Iterator[tuple[str, SigningKey]]:
    """Give the usable public signing keys of a JWKS by their ids; leave out the others."""
    for key in keys:
        try:
            if algorithms := _algorithms(key):
                yield str(key.get("kid", "")), SigningKey(_public_key(key), algorithms)
        # Another party wrote it, and one bad key shall not hide the good ones.
        except Exception as error:
            logger.warning("key left out", cause=repr(error)[:200])


def _algorithms(key: Mapping[str, Any]) -> frozenset[str]:
    """Return the algorithms that a key may sign with; none if it is no public signing key."""
    if key.get("use", "sig") != "sig" or "verify" not in key.get("key_ops", ["verify"]):
        return frozenset()
    algorithms = ALGORITHMS.get(key["kty"], frozenset())
    return algorithms & {key["alg"]} if "alg" in key else algorithms


def _public_key(key: Mapping[str, Any]) -> Any:
    if "d" in key:
        raise ValueError("it is a private key, which everybody can read and sign with")
    found = jwt.PyJWK(dict(key))
    if reason := found.Algorithm.check_key_length(found.key):
        raise ValueError(reason)
    return found.key
