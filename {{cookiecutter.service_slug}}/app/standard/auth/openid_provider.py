"""The OpenID provider: its endpoints and its keys (OpenID Connect Discovery 1.0)."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog

from app.standard.auth.signing_keys import SigningKey, read_issuers, read_keys
from app.standard.http import (
    ServiceUnavailable,
    # {% if cookiecutter.use_telemetry %}
    TracedClient,
    # {% endif %}
)

# For all that is asked of the provider at once, and for the size of each of its answers.
TIMEOUT = 5.0
MAX_BYTES = 1024 * 1024
# Keys that are older are fetched anew, in the background, when they are used.
REFRESH_SECONDS = 300.0

logger = structlog.stdlib.get_logger(__name__)


class OpenIdProvider:
    """The endpoints and keys of an issuer, fetched when needed and kept while it is down."""

    def __init__(
        self,
        issuer: str,
        retry_seconds: float,
        max_age_seconds: float,
        tenants: Sequence[str] = (),
    ) -> None:
        self.issuer = issuer
        self.tenants = tenants
        self.retry_seconds = retry_seconds
        self.max_age_seconds = max_age_seconds
        # Before they are too old, so that nobody waits while the provider answers.
        self.refresh_seconds = min(REFRESH_SECONDS, max_age_seconds / 2)
        self._metadata: dict[str, Any] = {}
        self._keys: Mapping[str, Sequence[SigningKey]] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find_keys(self, key_id: str | None) -> Sequence[SigningKey]:
        """Return the keys of this id; fetch the keys first, though not too often, if it is new.

        Raises ``ServiceUnavailable`` if there are no keys, or all are too old.
        """
        await self._keep_fresh(is_missing=not self._keys_at_hand(key_id))
        return self._keys_at_hand(key_id)

    async def check(self) -> Mapping[str, object]:
        """Return the age of the keys, fetched first if there are none, or all are too old."""
        await self._keep_fresh()
        return {"keys_age_seconds": round(self._age)}

    async def endpoint(self, name: str) -> str:
        """Return an endpoint, such as ``token_endpoint``; raise ``ServiceUnavailable`` if unknown."""
        if not self._metadata and (fetching := self._fetch_soon()):
            await asyncio.shield(fetching)
        try:
            return self._address(self._metadata, name)
        except (LookupError, ValueError) as error:
            raise ServiceUnavailable(f"The identity provider's {name} is not known.") from error

    async def describe(self, scheme: dict[str, Any]) -> dict[str, Any]:
        """Give the flows of an ``oauth2`` scheme the addresses and the scope of this provider."""
        try:
            addresses = {
                "authorizationUrl": await self.endpoint("authorization_endpoint"),
                "tokenUrl": await self.endpoint("token_endpoint"),
            }
        except ServiceUnavailable:
            return scheme
        described = deepcopy(scheme)
        for flow in described.get("flows", {}).values():
            flow["scopes"] = {"openid": "Say who you are", **flow.get("scopes", {})}
            for name in addresses.keys() & flow.keys():
                flow[name] = addresses[name]
        return described

    @property
    def _age(self) -> float:
        return time.monotonic() - self._fetched_at

    def _keys_at_hand(self, key_id: str | None) -> Sequence[SigningKey]:
        # Where there is one name only, or none at all, nobody need say it.
        if len(self._keys) == 1 and (key_id is None or "" in self._keys):
            return next(iter(self._keys.values()))
        return self._keys.get(key_id or "", ())

    async def _keep_fresh(self, *, is_missing: bool = False) -> None:
        """Fetch the keys if that is due, but wait only where those at hand are no help."""
        if is_missing or self._age > self.refresh_seconds:
            fetching = self._fetch_soon()
            if fetching and (is_missing or self._age > self.max_age_seconds):
                await asyncio.shield(fetching)
        if self._age > self.max_age_seconds:
            raise ServiceUnavailable("The keys of the identity provider cannot be fetched.")

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
            async with asyncio.timeout(TIMEOUT), await open_client() as client:
                address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                metadata = await fetch_json(client, "GET", address)
                issuers = read_issuers(metadata["issuer"], self.issuer, self.tenants)
                jwks_address = self._address(metadata, "jwks_uri")
                document = await fetch_json(client, "GET", jwks_address)
            keys = defaultdict(list)
            for key_id, key in read_keys(document["keys"], issuers, is_shared=bool(self.tenants)):
                keys[key_id].append(key)
            if not keys:
                raise ValueError("it has no signing key")
        # Whatever is wrong with the answer, the keys at hand are as good as before.
        except Exception as error:
            logger.warning("keys not fetched", issuer=self.issuer, cause=repr(error)[:200])
            return
        self._metadata, self._keys, self._fetched_at = metadata, keys, time.monotonic()

    def _address(self, metadata: Mapping[str, Any], name: str) -> str:
        address = str(metadata[name])
        if urlsplit(address).scheme not in ("https", urlsplit(self.issuer).scheme):
            raise ValueError(f"its {name} is no https address")
        return address


async def open_client() -> httpx2.AsyncClient:
    """Return a client that follows no redirects; a thread reads the certificates for it."""
    # {% if cookiecutter.use_telemetry %}
    return await asyncio.to_thread(TracedClient, timeout=TIMEOUT)
    # {% endif %}
    # {% if not cookiecutter.use_telemetry %}
    return await asyncio.to_thread(httpx2.AsyncClient, timeout=TIMEOUT)
    # {% endif %}


async def fetch_json(client: httpx2.AsyncClient, method: str, address: str, **options: Any) -> Any:
    """Return what the address answers; raise if it is no JSON, too long, or no success."""
    body = bytearray()
    async with client.stream(method, address, **options) as response:
        response.raise_for_status()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise ValueError("its answer is too long")
    return json.loads(body)
