"""The OpenID provider: its endpoints (OpenID Connect Discovery 1.0) and signing keys (RFC 7517)."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2
import jwt
import structlog

from app.standard.errors import ServiceUnavailable

TIMEOUT = 5.0
# Keys that are older are fetched anew, in the background, when they are used.
REFRESH_SECONDS = 300.0

logger = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
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


class OpenIdProvider:
    """The endpoints and keys of an issuer, fetched when needed and kept while it is down."""

    def __init__(self, issuer: str, retry_seconds: float, max_age_seconds: float) -> None:
        self.issuer = issuer
        self.retry_seconds = retry_seconds
        self.max_age_seconds = max_age_seconds
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find_key(self, key_id: str | None) -> SigningKey | None:
        """Return the key of this id; fetch the keys first, though not too often, if it is new.

        Raises ``ServiceUnavailable`` if there are no keys, or all are too old.
        """
        if self._age > REFRESH_SECONDS or not self._has(key_id):
            fetching = self._fetch_soon()
            if fetching and (not self._has(key_id) or self._age > self.max_age_seconds):
                await asyncio.shield(fetching)
        if self._age > self.max_age_seconds:
            raise ServiceUnavailable("The keys of the identity provider cannot be fetched.")
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id or "")

    async def check(self) -> Mapping[str, object]:
        """Fetch the keys if there are none; return their age."""
        if self._age > REFRESH_SECONDS and (fetching := self._fetch_soon()):
            await asyncio.shield(fetching)
        if self._age > self.max_age_seconds:
            raise ServiceUnavailable("The keys of the identity provider cannot be fetched.")
        return {"keys_age_seconds": round(self._age)}

    async def endpoint(self, name: str) -> str:
        """Return an endpoint, such as ``token_endpoint``; raise ``ServiceUnavailable`` if unknown."""
        if not self._metadata and (fetching := self._fetch_soon()):
            await asyncio.shield(fetching)
        if name not in self._metadata:
            raise ServiceUnavailable(f"The identity provider's {name} is not known.")
        return str(self._metadata[name])

    async def describe(self, scheme: dict[str, Any]) -> dict[str, Any]:
        """Give the flows of an ``oauth2`` scheme the addresses and the scope of this provider."""
        try:
            addresses = {
                "authorizationUrl": await self.endpoint("authorization_endpoint"),
                "tokenUrl": await self.endpoint("token_endpoint"),
            }
        except ServiceUnavailable:
            return scheme
        flows = {
            name: {
                **flow,
                **{key: address for key, address in addresses.items() if key in flow},
                "scopes": {"openid": "Say who you are", **flow.get("scopes", {})},
            }
            for name, flow in scheme.get("flows", {}).items()
        }
        return {**scheme, "flows": flows} if flows else scheme

    @property
    def _age(self) -> float:
        return time.monotonic() - self._fetched_at

    def _has(self, key_id: str | None) -> bool:
        return key_id in self._keys or (key_id is None and len(self._keys) == 1)

    def _fetch_soon(self) -> "asyncio.Task[None] | None":
        """Start to fetch unless somebody just did; unknown keys cannot hammer the provider."""
        if self._fetching and not self._fetching.done():
            return self._fetching
        if time.monotonic() - self._tried_at < self.retry_seconds:
            return None
        self._tried_at = time.monotonic()
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with httpx2.AsyncClient(timeout=TIMEOUT) as client:
                address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                metadata = (await client.get(address)).raise_for_status().json()
                if metadata["issuer"] != self.issuer:
                    raise ValueError(f"the provider calls itself {metadata['issuer']}")
                document = (await client.get(metadata["jwks_uri"])).raise_for_status().json()
            keys = dict(read_keys(document["keys"]))
            if not keys:
                raise ValueError("the provider has no signing key")
        except (httpx2.HTTPError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            logger.warning("keys not fetched", issuer=self.issuer, cause=repr(error))
            return
        self._metadata, self._keys, self._fetched_at = metadata, keys, time.monotonic()


ALGORITHMS = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA"}),
}


def read_keys(keys: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, SigningKey]]:
    """Give the usable public signing keys of a JWKS by their ids; leave out the others."""
    for key in keys:
        algorithms = ALGORITHMS.get(key.get("kty", ""), frozenset())
        if "alg" in key:
            algorithms &= {key["alg"]}
        if not algorithms or key.get("use", "sig") != "sig":
            continue
        try:
            yield str(key.get("kid", "")), SigningKey(jwt.PyJWK(dict(key)).key, algorithms)
        except jwt.PyJWTError as error:
            logger.warning("key left out", key_id=key.get("kid"), cause=repr(error))
