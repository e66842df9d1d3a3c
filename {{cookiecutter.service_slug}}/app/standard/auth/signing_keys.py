"""The keys that sign tokens (RFC 7517)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import jwt
import structlog
from jwt.algorithms import OKPAlgorithm

ALGORITHMS = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA"}),
}
# Two names of one algorithm (RFC 8037, and RFC 9864, section 2.2).
ED25519 = frozenset({"EdDSA", "Ed25519"})
# What stands for a tenant's id, in what Entra says of the issuers of many.
TENANT = "{tenantid}"

logger = structlog.stdlib.get_logger(__name__)

# A later version of the library may know it by itself.
with suppress(ValueError):
    jwt.register_algorithm("Ed25519", OKPAlgorithm())


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """A public key, the algorithms that its owner may sign with, and the issuers of the tokens."""

    key: Any
    algorithms: frozenset[str]
    issuers: frozenset[str]


class KeySource(Protocol):
    """Who signs the tokens."""

    async def find_keys(self, key_id: str | None) -> Sequence[SigningKey]:
        """Return the keys that a token of this id may be signed with."""

    async def check(self) -> Mapping[str, object]:
        """Raise unless there are keys; return what readiness tells of them."""

    async def describe(self, scheme: dict[str, Any]) -> dict[str, Any]:
        """Return a security scheme of the contract as clients can use it."""


def read_issuers(named: str, issuer: str, tenants: Sequence[str]) -> frozenset[str]:
    """Return whose tokens are good, by what the provider calls itself.

    Raises ``ValueError`` if it is not the issuer or, where there are tenants, has none.
    """
    if tenants and TENANT in named:
        return frozenset(named.replace(TENANT, tenant) for tenant in tenants)
    if tenants or named != issuer:
        raise ValueError(f"it calls itself {named}")
    return frozenset({issuer})


def read_keys(
    keys: Iterable[Any], issuers: frozenset[str], *, is_shared: bool = False
) -> Iterator[tuple[str, SigningKey]]:
    """Give the usable public signing keys of a JWKS by their ids; leave out the others.

    Of keys that tenants share, one may say that it is for one of them only.
    """
    for key in keys:
        try:
            algorithms = _algorithms(key)
            only_for = key.get("issuer", TENANT) if is_shared else TENANT
            issuers_of_key = issuers if TENANT in only_for else issuers & {only_for}
            if algorithms and issuers_of_key:
                found = SigningKey(_public_key(key), algorithms, issuers_of_key)
                yield str(key.get("kid") or ""), found
        # Another party wrote it, and one bad key shall not hide the good ones.
        except Exception as error:
            logger.warning("key left out", cause=repr(error)[:200])


def _algorithms(key: Mapping[str, Any]) -> frozenset[str]:
    """Return the algorithms that a key may sign with; none if it is no public signing key."""
    if key.get("use", "sig") != "sig" or "verify" not in key.get("key_ops", ["verify"]):
        return frozenset()
    if _is_ed25519(key):
        return ED25519 if key.get("alg", "EdDSA") in ED25519 else frozenset()
    algorithms = ALGORITHMS.get(key["kty"], frozenset())
    return algorithms & {key["alg"]} if "alg" in key else algorithms


def _is_ed25519(key: Mapping[str, Any]) -> bool:
    return key["kty"] == "OKP" and key.get("crv") == "Ed25519"


def _public_key(key: Mapping[str, Any]) -> Any:
    if "d" in key:
        raise ValueError("it is a private key, which everybody can read and sign with")
    found = jwt.PyJWK(dict(key), "EdDSA" if _is_ed25519(key) else None)
    if reason := found.Algorithm.check_key_length(found.key):
        raise ValueError(reason)
    return found.key
