"""Who may call what: bearer tokens (RFC 6750) with the roles that the contract asks for."""

from contextvars import ContextVar

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.auth.access_tokens import Principal, TokenVerifier
from app.standard.auth.refused_tokens import InvalidToken
from app.standard.auth.roles import Requirements
from app.standard.contract import routed_operation
from app.standard.http import HttpMiddleware, ServiceError

_principal: ContextVar[Principal | None] = ContextVar("principal", default=None)


class MissingRole(ServiceError):
    """The caller is known, but may not do this (RFC 6750, section 3.1)."""

    status = 403

    def __init__(self, roles: frozenset[str]) -> None:
        names = " ".join(sorted(roles))
        super().__init__(f"The role {names} is needed.")
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{names}"'}


def current_principal() -> Principal:
    """Return who calls; raise ``LookupError`` in an operation that is public."""
    principal = _principal.get()
    if principal is None:
        raise LookupError("this operation is public: nobody is asked who calls")
    return principal


class AuthMiddleware(HttpMiddleware):
    """Checks the token of each request to an operation that is not public."""

    def __init__(self, app: ASGIApp, verifier: TokenVerifier, requirements: Requirements) -> None:
        super().__init__(app)
        self.verifier = verifier
        self.requirements = requirements

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        # The context may be that of an earlier request on the same connection
        # (https://github.com/python/cpython/issues/140947).
        _principal.set(None)
        operation_id = routed_operation()
        # An address that is not in the contract has no operation; no handler answers there.
        alternatives = self.requirements[operation_id] if operation_id else []
        if alternatives:
            await admit(scope, self.verifier, alternatives)
        await self.app(scope, receive, send)


async def admit(
    scope: Scope, verifier: TokenVerifier, alternatives: list[frozenset[str]]
) -> Principal:
    """Return who calls; raise, and leave the cause in the request's line of log, if refused."""
    try:
        principal = await verifier.verify(_bearer_token(scope))
    except InvalidToken as error:
        structlog.contextvars.bind_contextvars(refused=error.cause)
        raise
    structlog.contextvars.bind_contextvars(subject=principal.subject)
    if not any(roles <= principal.roles for roles in alternatives):
        structlog.contextvars.bind_contextvars(refused="missing role")
        raise MissingRole(alternatives[0] - principal.roles)
    _principal.set(principal)
    return principal


def _bearer_token(scope: Scope) -> str:
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("A bearer token is needed", "no token", is_given=False)
    return token.strip()
