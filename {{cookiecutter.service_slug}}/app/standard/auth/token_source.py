"""Access tokens for calls to other services, by client credentials (RFC 6749, section 4.4)."""

import asyncio
import time
from urllib.parse import quote_plus

import structlog

from app.standard.auth.openid_provider import TIMEOUT, OpenIdProvider, fetch_json, open_client
from app.standard.http import ServiceUnavailable
from app.standard.service import current_application

# A token is replaced so long before it expires, or after half its time; what does not say when it
# expires is taken to last so long, and what says for ever a day.
EARLY_SECONDS = 30.0
ASSUMED_SECONDS = 60.0
LONGEST_SECONDS = 86_400.0

logger = structlog.stdlib.get_logger(__name__)


class TokenSource:
    """One token at a time, cached, and replaced before it expires."""

    def __init__(
        self, provider: OpenIdProvider, client_id: str, client_secret: str, **parameters: str
    ) -> None:
        self.provider = provider
        # RFC 6749, section 2.3.1.
        self.credentials = (quote_plus(client_id), quote_plus(client_secret))
        self.parameters = parameters
        self._token = ""
        self._renew_at = self._good_until = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def token(self) -> str:
        """Return a token; raise ``ServiceUnavailable`` if the provider gives none."""
        now = time.monotonic()
        if now >= self._renew_at:
            if self._fetching is None or self._fetching.done():
                self._fetching = asyncio.create_task(self._fetch())
            if now >= self._good_until:
                await asyncio.shield(self._fetching)
        if time.monotonic() >= self._good_until:
            raise ServiceUnavailable("The identity provider gives no token.")
        return self._token

    async def _fetch(self) -> None:
        form = {"grant_type": "client_credentials", **self.parameters}
        try:
            endpoint = await self.provider.endpoint("token_endpoint")
            async with asyncio.timeout(TIMEOUT), await open_client() as client:
                options = {"data": form, "auth": self.credentials}
                answer = await fetch_json(client, "POST", endpoint, **options)
            token = answer["access_token"]
            seconds = min(float(answer.get("expires_in", ASSUMED_SECONDS)), LONGEST_SECONDS)
            if not isinstance(token, str) or not seconds > 0:
                raise ValueError("it is no token, or has expired")
        # Whatever is wrong with the answer, the token at hand is as good as before.
        except Exception as error:
            logger.warning("token not fetched", cause=repr(error)[:200])
            return
        self._token, self._good_until = token, time.monotonic() + seconds
        self._renew_at = self._good_until - min(EARLY_SECONDS, seconds / 2)


class TokenSources:
    """The token sources of an application, all of its own provider."""

    def __init__(self, provider: OpenIdProvider | None) -> None:
        self._provider = provider
        self._sources: dict[tuple[object, ...], TokenSource] = {}

    def get(self, client_id: str, client_secret: str, **parameters: str) -> TokenSource:
        """Return the source of these tokens, and make it if there is none."""
        if self._provider is None:
            raise ServiceUnavailable("AUTH_ISSUER is not set: there is nobody to ask for a token.")
        key = (client_id, client_secret, *sorted(parameters.items()))
        if key not in self._sources:
            self._sources[key] = TokenSource(self._provider, client_id, client_secret, **parameters)
        return self._sources[key]


def token_source(client_id: str, client_secret: str, **parameters: str) -> TokenSource:
    """Return what has tokens of AUTH_ISSUER for this client, the same for the same arguments.

    Parameters, such as ``scope``, are those of the request for a token.
    """
    sources = current_application().resource(TokenSources)
    return sources.get(client_id, client_secret, **parameters)
