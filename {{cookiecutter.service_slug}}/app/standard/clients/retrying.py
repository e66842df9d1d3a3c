"""Requests that are sent again where that does no harm and may help."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import structlog

from app.standard.http import ServiceUnavailable, outgoing_headers

ATTEMPTS = 4
# The wait before the second attempt, at most; each one after it is twice as long.
FIRST_SECONDS = 0.25
# Whoever says to come back later than that is not waited for.
LONGEST_SECONDS = 5.0
# Twice is as good as once (RFC 9110, section 9.2.2).
IDEMPOTENT = {"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"}
BUSY = {429, 502, 503, 504}
# No answer has begun; a service that is slow is not asked twice.
UNREACHED = (httpx2.ConnectTimeout, httpx2.NetworkError, httpx2.RemoteProtocolError)

logger = structlog.stdlib.get_logger(__name__)


GetToken = Callable[[], Awaitable[str]]


class RetryingTransport(httpx2.AsyncBaseTransport):
    """Sends requests with a token and the current id; what is idempotent, several times."""

    def __init__(
        self,
        transport: httpx2.AsyncBaseTransport,
        get_token: GetToken | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.transport = transport
        self.get_token = get_token
        self.attempts = attempts

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response; raise ``ServiceUnavailable`` if none comes."""
        request.headers.update(outgoing_headers())
        # A body that is streamed is gone after the first attempt.
        may_repeat = request.method in IDEMPOTENT and isinstance(request.stream, httpx2.ByteStream)
        attempt = 1
        while True:
            is_last = attempt >= self.attempts or not may_repeat
            if self.get_token:
                # The one of the first attempt may have expired meanwhile (RFC 6750, section 2.1).
                request.headers["Authorization"] = f"Bearer {await self.get_token()}"
            try:
                response = await self.transport.handle_async_request(request)
            except httpx2.TransportError as error:
                cause, asked_for = type(error).__name__, 0.0
                if is_last or not isinstance(error, UNREACHED):
                    logger.warning("call failed", host=request.url.host, cause=cause)
                    raise ServiceUnavailable("Another service does not answer.") from error
            else:
                cause, asked_for = str(response.status_code), _retry_after(response)
                if is_last or response.status_code not in BUSY or asked_for > LONGEST_SECONDS:
                    return response
                await response.aclose()
            logger.info("call repeated", host=request.url.host, cause=cause, attempt=attempt)
            # All that failed together shall not come back together; a wait is no secret.
            backoff = FIRST_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311
            await asyncio.sleep(max(backoff, asked_for))
            attempt += 1

    async def aclose(self) -> None:
        """Close all connections."""
        await self.transport.aclose()


def _retry_after(response: httpx2.Response) -> float:
    """Return the seconds that the response asks to wait for (RFC 9110, section 10.2.3)."""
    given = response.headers.get("Retry-After", "")
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return 0.0
    return (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
