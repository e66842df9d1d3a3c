"""Access tokens for calls to other services, by client credentials (RFC 6749, section 4.4)."""

import asyncio
import time

import httpx2

from app.standard.errors import ServiceUnavailable
from app.standard.openid_provider import TIMEOUT, OpenIdProvider

# A token is replaced so long before it expires.
EARLY_SECONDS = 30.0


class TokenSource:
    """One token at a time, cached, and replaced before it expires."""

    def __init__(
        self, provider: OpenIdProvider, client_id: str, client_secret: str, **parameters: str
    ) -> None:
        self.provider = provider
        self.credentials = (client_id, client_secret)
        self.parameters = parameters
        self._token = ""
        self._good_until = float("-inf")
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """Return a token; raise ``ServiceUnavailable`` if the provider gives none."""
        async with self._lock:
            if time.monotonic() >= self._good_until:
                await self._fetch()
            return self._token

    async def _fetch(self) -> None:
        form = {"grant_type": "client_credentials", **self.parameters}
        endpoint = await self.provider.endpoint("token_endpoint")
        try:
            async with httpx2.AsyncClient(timeout=TIMEOUT) as client:
                response = await client.post(endpoint, data=form, auth=self.credentials)
            answer = response.raise_for_status().json()
            self._token = answer["access_token"]
            seconds = float(answer.get("expires_in", 0))
        except (httpx2.HTTPError, LookupError, TypeError, ValueError) as error:
            raise ServiceUnavailable("The identity provider gives no token.") from error
        self._good_until = time.monotonic() + seconds - EARLY_SECONDS
