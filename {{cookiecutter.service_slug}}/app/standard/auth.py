"""Who may call what: bearer tokens (RFC 6750) with the roles that the contract asks for."""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from connexion.middleware.abstract import ROUTING_CONTEXT
from pydantic import Field, ValidationInfo, field_validator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.access_tokens import InvalidToken, Principal, TokenVerifier
from app.standard.errors import ServiceError
from app.standard.openid_provider import OpenIdProvider
from app.standard.required_roles import read_requirements
from app.standard.service import Service
from app.standard.settings import CommaSeparated, ServiceSettings
from app.standard.signing_keys import KeySource
from app.standard.spec import public_spec
from app.standard.swagger_login import login_routes

_principal: ContextVar[Principal | None] = ContextVar("principal", default=None)


class AuthSettings(ServiceSettings):
    """Whose tokens are good here."""

    auth_issuer: str | None = None
    auth_audience: str | None = None
    auth_roles_claim: str = "roles"
    auth_leeway: float = Field(default=30.0, ge=0, le=300)
    auth_keys_retry: float = Field(default=10.0, gt=0, allow_inf_nan=False)
    auth_keys_max_age: float = Field(default=86_400.0, gt=0, allow_inf_nan=False)
    swagger_ui_client_id: str = ""
    swagger_ui_login_parameters: CommaSeparated = ()

    @field_validator("auth_issuer", "auth_audience")
    @classmethod
    def _require_in_production(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("environment") == "production":
            raise ValueError("must be set in production")
        if value is None and info.data.get("auth_issuer"):
            raise ValueError("must be set where AUTH_ISSUER is")
        return value

    @field_validator("auth_issuer")
    @classmethod
    def _check_issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        schemes = ["https", "http"] if info.data.get("environment") == "development" else ["https"]
        if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
            raise ValueError("must be an https address; only development may use http")
        return value

    @field_validator("auth_keys_max_age")
    @classmethod
    def _check_max_age(cls, value: float, info: ValidationInfo) -> float:
        if value <= info.data.get("auth_keys_retry", 0):
            raise ValueError("must be more than AUTH_KEYS_RETRY: else keys expire unfetched")
        return value


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


def init_app(service: Service) -> None:
    """Let nobody call an operation without the roles that the contract asks for."""
    settings = service.settings_as(AuthSettings)
    keys = _key_source(settings)
    verifier = TokenVerifier(
        keys,
        # Tokens of this machine are for nobody else, whatever a provider would say.
        (settings.auth_issuer and settings.auth_audience) or "development",
        roles_claim=settings.auth_roles_claim,
        leeway_seconds=settings.auth_leeway,
    )
    service.readiness_checks["auth"] = keys.check
    if settings.serve_api_docs:
        # They come before those of swagger_ui.
        service.routes[:0] = login_routes(
            public_spec(service.spec), _login(settings), keys.describe
        )
    service.security = partial(
        _AuthMiddleware, verifier=verifier, requirements=read_requirements(service.spec)
    )


def _login(settings: AuthSettings) -> dict[str, Any]:
    parameters = (pair.partition("=") for pair in settings.swagger_ui_login_parameters)
    return {
        "clientId": settings.swagger_ui_client_id,
        "scopes": "openid",
        "usePkceWithAuthorizationCodeGrant": True,
        "additionalQueryStringParams": {name: value for name, _, value in parameters},
    }


def _key_source(settings: AuthSettings) -> KeySource:
    if settings.auth_issuer is None:
        # Production has neither the folder nor a way here: it must name an issuer.
        from development.tokens import DevelopmentKeys

        return DevelopmentKeys()
    return OpenIdProvider(
        settings.auth_issuer, settings.auth_keys_retry, settings.auth_keys_max_age
    )


class _AuthMiddleware:
    """Checks the token of each request to an operation that is not public."""

    def __init__(
        self,
        app: ASGIApp,
        verifier: TokenVerifier,
        requirements: Mapping[str, list[frozenset[str]]],
    ) -> None:
        self.app = app
        self.verifier = verifier
        self.requirements = requirements

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The context may be that of an earlier request on the same connection
        # (https://github.com/python/cpython/issues/140947).
        _principal.set(None)
        operation_id = scope.get("extensions", {}).get(ROUTING_CONTEXT, {}).get("operation_id")
        # An address that is not in the contract has no operation; no handler answers there.
        alternatives = self.requirements[operation_id] if operation_id else []
        if alternatives:
            principal = await self.verifier.verify(_bearer_token(scope))
            structlog.contextvars.bind_contextvars(subject=principal.subject)
            if not any(roles <= principal.roles for roles in alternatives):
                raise MissingRole(alternatives[0] - principal.roles)
            _principal.set(principal)
        await self.app(scope, receive, send)


def _bearer_token(scope: Scope) -> str:
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("A bearer token is needed", is_given=False)
    return token.strip()
