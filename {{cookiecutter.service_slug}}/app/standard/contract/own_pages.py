"""Pages of the service itself, for people: where they stand, and what they may load."""

from html import escape
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

# {% if cookiecutter.use_auth %}
from app.standard.contract.page_login import PageLogin, scheme_of, schemes_of
from app.standard.http import to_json
from app.standard.service import current_application

# {% endif %}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'"
)


def page_route(path: str, page: Template, contract: dict[str, Any], **values: str) -> Route:
    """Return the route of a page, which gets the title of the contract and these values."""
    values = {"title": contract["info"]["title"], **values}
    escaped = {name: escape(value) for name, value in values.items()}
    # {% if cookiecutter.use_auth %}
    scheme = schemes_of(contract)[scheme_of(contract)]
    # {% endif %}

    async def send(_request: Request) -> Response:
        # {% if cookiecutter.use_auth %}
        login = current_application().resource(PageLogin)
        options, headers = await login.find(scheme, CONTENT_SECURITY_POLICY)
        body = page.substitute(escaped, login=escape(to_json(options).decode()))
        # {% endif %}
        # {% if not cookiecutter.use_auth %}
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        body = page.substitute(escaped)
        # {% endif %}
        return HTMLResponse(body, headers=headers)

    return Route(path, send)
