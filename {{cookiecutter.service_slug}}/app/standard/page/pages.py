"""The page itself; what it shows of the contract is in operations.json, which its script reads."""

from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.standard.contract import (
    operations,
    # {% if cookiecutter.use_auth %}
    page_login,
    # {% endif %}
)
from app.standard.http import to_json
from app.standard.page.operations import shown_operations
from app.standard.page.served_files import file_route, read_files

# {%- if cookiecutter.use_auth +%}
from app.standard.service import current_application

# {%- endif +%}

PAGE = Template(Path(__file__).with_name("page.html").read_text("utf-8"))
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'"
)


def page_routes(contract: dict[str, Any], documented: dict[str, Any]) -> list[BaseRoute]:
    """Return the routes of the page, its files and the description of what it shows.

    The root leads to the page, unless what is documented has something there.
    """
    shown = shown_operations(contract)
    # {% if cookiecutter.use_auth %}
    files = read_files(page_login.SCRIPT) | {"operations.json": to_json(shown)}
    scheme = page_login.schemes_of(contract)[page_login.scheme_of(contract)]
    # {% endif %}
    # {% if not cookiecutter.use_auth %}
    files = read_files() | {"operations.json": to_json(shown)}
    # {% endif %}
    values = {
        "title": escape(contract["info"]["title"]),
        "description": escape(contract["info"].get("description", "")),
        # {% if cookiecutter.use_auth %}
        "scopes": escape(" ".join(sorted({role for each in shown for role in each["roles"]}))),
        # {% endif %}
    }

    async def page(_request: Request) -> Response:
        # {% if cookiecutter.use_auth %}
        login = current_application().resource(page_login.PageLogin)
        options, headers = await login.find(scheme, CONTENT_SECURITY_POLICY)
        body = PAGE.substitute(values, login=escape(to_json(options).decode()))
        # {% endif %}
        # {% if not cookiecutter.use_auth %}
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        body = PAGE.substitute(values)
        # {% endif %}
        return HTMLResponse(body, headers=headers)

    async def redirect(_request: Request) -> Response:
        return RedirectResponse("page/")

    is_free = "/" not in {template for _, template, _ in operations(documented)}
    return [
        *([Route("/", redirect)] if is_free else []),
        Route("/page", redirect),
        Route("/page/", page),
        file_route(files),
    ]
