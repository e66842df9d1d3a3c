"""Who may call what: access tokens of an OpenID provider, and the roles that the contract asks for.

Handlers ask for ``current_principal``; calls to other services take tokens of a ``token_source``.
"""

from functools import partial
from typing import Any

from app.standard.auth.access_tokens import Principal, TokenVerifier
from app.standard.auth.middleware import AuthMiddleware, admit, current_principal
from app.standard.auth.openid_provider import OpenIdProvider
from app.standard.auth.roles import read_requirements
from app.standard.auth.settings import AuthSettings
from app.standard.auth.signing_keys import KeySource, SigningKey
from app.standard.auth.swagger_login import (
    # {% if cookiecutter.use_page or cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" %}
    login_of_pages,
    # {% endif %}
    login_routes,
    redirect_routes,
)
from app.standard.auth.token_source import TokenSource, TokenSources, token_source
from app.standard.contract import ContractSettings, public_contract
from app.standard.service import Application


def init_app(application: Application) -> None:
    """Let nobody call an operation without the roles that the contract asks for."""
    settings = application.settings_as(AuthSettings)
    keys: KeySource = add_token_sources(application) or _development_keys()
    application.readiness_checks["auth"] = keys.check
    # {% if cookiecutter.framework != "fastapi" %}
    document = application.contract
    # {% endif %}
    # {% if cookiecutter.framework == "fastapi" %}
    document = application.documented
    # {% endif %}
    login = _login(settings)
    if application.settings_as(ContractSettings).serve_api_docs:
        # They come before those of the contract.
        application.routes[:0] = login_routes(public_contract(document), login, keys.describe)
        # {% if not cookiecutter.use_page %}
        application.routes[:0] = redirect_routes()
        # {% endif %}
        # {% if not cookiecutter.use_page and cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" %}
        pages = login_of_pages(login, keys.describe)
        application.resources[type(pages)] = pages
        # {% endif %}
    # {% if cookiecutter.use_page %}
    # The page for people is served where Swagger UI is not, too.
    application.routes[:0] = redirect_routes()
    pages = login_of_pages(login, keys.describe)
    application.resources[type(pages)] = pages
    # {% endif %}
    verifier = TokenVerifier(keys, settings)
    # {% if cookiecutter.framework == "fastapi" %}
    application.resources[TokenVerifier] = verifier
    # {% endif %}
    requirements = read_requirements(application.contract)
    application.security.append(
        partial(AuthMiddleware, verifier=verifier, requirements=requirements)
    )


def add_token_sources(application: Application) -> OpenIdProvider | None:
    """Have tokens for calls to other services, and return who gives them; a worker has them too."""
    settings = application.settings_as(AuthSettings)
    provider = None
    if settings.auth_issuer is not None:
        provider = OpenIdProvider(
            settings.auth_issuer,
            settings.auth_keys_retry,
            settings.auth_keys_max_age,
            settings.auth_tenants,
        )
    application.resources[TokenSources] = TokenSources(provider)
    return provider


def _login(settings: AuthSettings) -> dict[str, Any]:
    parameters = (pair.partition("=") for pair in settings.swagger_ui_login_parameters)
    return {
        "clientId": settings.swagger_ui_client_id,
        "scopes": "openid",
        "usePkceWithAuthorizationCodeGrant": True,
        "additionalQueryStringParams": {name: value for name, _, value in parameters},
    }


def _development_keys() -> KeySource:
    # Production has neither the folder nor a way here: it must name an issuer.
    from development.tokens import DevelopmentKeys

    return DevelopmentKeys()
