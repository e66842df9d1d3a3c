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
from app.standard.openid_provider import KeySource, OpenIdProvider
from app.standard.service import Service
from app.standard.settings import CommaSeparated, ServiceSettings
from app.standard.spec import SpecError, operations, public_spec
from app.standard.swagger_login import login_routes

CHECKED_SCHEMES = ("oauth2", "openIdConnect", "http")

_principal: ContextVar[Principal] = ContextVar("principal")


class AuthSettings(ServiceSettings):
    """Whose tokens are good here."""

    auth_issuer: str | None = None
    auth_audience: str | None = None
    auth_roles_claim: str = "roles"
    auth_leeway: float = Field(default=30.0, ge=0)
    auth_keys_retry: float = Field(default=10.0, gt=0)
    auth_keys_max_age: float = Field(default=86_400.0, gt=0)
    swagger_ui_client_id: str = ""
    swagger_ui_login_parameters: CommaSeparated = ()

    @field_validator("auth_issuer", "auth_audience")
    @classmethod
    def _require_in_production(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("environment") == "production":
            raise ValueError("must be set in production")
        return value

    @field_validator("auth_issuer")
    @classmethod
    def _check_issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        schemes = ["https", "http"] if info.data.get("environment") == "development" else ["https"]
        if value is not None and (
            urlsplit(value).scheme not in schemes or not urlsplit(value).netloc
        ):
            raise ValueError("must be an https address; only development may use http")
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
    return _principal.get()


def init_app(service: Service) -> None:
    """Let nobody call an operation without the roles that the contract asks for."""
    settings = service.settings_as(AuthSettings)
    keys = _key_source(settings)
    verifier = TokenVerifier(
        keys,
        settings.auth_audience or "development",
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


def read_requirements(spec: dict[str, Any]) -> dict[str, list[frozenset[str]]]:
    """Map each operationId to the sets of roles of which one is enough; none is public.

    Raises ``SpecError`` for an operation that says nothing of its security, and for what would
    not be checked.
    """
    schemes = spec.get("components", {}).get("securitySchemes", {})
    requirements = {}
    for method, path, operation in operations(spec):
        where = f"{method.upper()} {path}"
        security = operation.get("security", spec.get("security"))
        if security is None:
            raise SpecError(f"{where} has no security; a public operation says security: []")
        for alternative in security:
            if len(alternative) != 1:
                raise SpecError(f"{where}: each entry of its security must name one scheme")
            (scheme,) = alternative
            if schemes.get(scheme, {}).get("type") not in CHECKED_SCHEMES:
                raise SpecError(f"{where}: nobody checks its security scheme {scheme}")
        requirements[operation["operationId"]] = [
            frozenset(roles) for alternative in security for roles in alternative.values()
        ]
    return requirements


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
        operation_id = scope.get("extensions", {}).get(ROUTING_CONTEXT, {}).get("operation_id")
        # An address that is not in the contract has no operation, and ends as a 404.
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
