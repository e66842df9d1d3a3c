"""Logging in from Swagger UI: authorization code with PKCE (RFC 6749, section 4.1, and RFC 7636)."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import (
    # {% if cookiecutter.framework != "fastapi" %}
    FileResponse,
    # {% endif %}
    HTMLResponse,
    Response,
)
from starlette.routing import BaseRoute, Route

from app.standard.contract import (
    # {% if cookiecutter.framework == "fastapi" %}
    login_redirect,
    # {% endif %}
    # {% if cookiecutter.use_page or cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" %}
    page_login,
    # {% endif %}
    swagger_ui,
)
from app.standard.http import to_json

Describe = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

# The window of the login must reach the page that opened it.
OPENER_POLICY = {"Cross-Origin-Opener-Policy": "unsafe-none"}


def login_routes(
    spec: dict[str, Any], login: dict[str, Any], describe: Describe
) -> list[BaseRoute]:
    """Return the routes of Swagger UI that a login changes.

    ``login`` are the options of its ``initOAuth``; ``describe`` gives a security scheme of the
    contract the addresses of the identity provider.
    """
    components = spec["components"]

    async def schemes() -> dict[str, Any]:
        given = components.get("securitySchemes", {})
        return {name: await describe(scheme) for name, scheme in given.items()}

    async def contract(_request: Request) -> Response:
        described = {**spec, "components": {**components, "securitySchemes": await schemes()}}
        return Response(to_json(described), media_type="application/json")

    async def page(_request: Request) -> Response:
        origins = _token_origins(await schemes())
        policy = swagger_ui.CONTENT_SECURITY_POLICY.replace("connect-src", f"connect-src {origins}")
        headers = {"Content-Security-Policy": policy, **OPENER_POLICY}
        return HTMLResponse(swagger_ui.render_page(spec), headers=headers)

    async def initializer(_request: Request) -> Response:
        script = f"{swagger_ui.INITIALIZER}window.ui.initOAuth({to_json(login).decode()});\n"
        return Response(script, media_type="text/javascript")

    return [
        Route("/openapi.json", contract),
        Route("/ui/", page),
        Route("/ui/initializer.js", initializer),
    ]


def redirect_routes() -> list[BaseRoute]:
    """Return the routes of the page to which the identity provider leads back."""

    async def redirect(_request: Request) -> Response:
        # {% if cookiecutter.framework == "fastapi" %}
        headers = {"Content-Security-Policy": login_redirect.policy(), **OPENER_POLICY}
        return HTMLResponse(login_redirect.PAGE, headers=headers)
        # {% endif %}
        # {% if cookiecutter.framework != "fastapi" %}
        headers = {"Content-Security-Policy": swagger_ui.CONTENT_SECURITY_POLICY, **OPENER_POLICY}
        return FileResponse(swagger_ui.DIST_FOLDER / "oauth2-redirect.html", headers=headers)
        # {% endif %}

    # {% if cookiecutter.use_page and cookiecutter.framework != "fastapi" %}
    async def script(_request: Request) -> Response:
        return FileResponse(swagger_ui.DIST_FOLDER / "oauth2-redirect.js")

    # {% endif %}
    return [
        Route("/ui/oauth2-redirect.html", redirect),
        # {% if cookiecutter.use_page and cookiecutter.framework != "fastapi" %}
        # Swagger UI may be turned off.
        Route("/ui/oauth2-redirect.js", script),
        # {% endif %}
    ]


# {% if cookiecutter.use_page or cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" %}
def login_of_pages(login: dict[str, Any], describe: Describe) -> page_login.PageLogin:
    """Return how other pages let people log in: as Swagger UI, by its client."""

    async def find(scheme: dict[str, Any], policy: str) -> tuple[dict[str, Any], dict[str, str]]:
        described = await describe(scheme)
        origins = _token_origins({"": described})
        policy = policy.replace("connect-src", f"connect-src {origins}")
        headers = {"Content-Security-Policy": policy, **OPENER_POLICY}
        return {"login": login, "scheme": described}, headers

    return page_login.PageLogin(find)


# {% endif %}
def _token_origins(schemes: dict[str, Any]) -> str:
    flows = [flow for scheme in schemes.values() for flow in scheme.get("flows", {}).values()]
    addresses = [urlsplit(flow["tokenUrl"]) for flow in flows if "tokenUrl" in flow]
    return " ".join(sorted({f"{address.scheme}://{address.netloc}" for address in addresses}))
