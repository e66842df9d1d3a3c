"""A page at /ui/jobs, for people who look after the jobs; its script calls what jobs.yml has."""

from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from app.standard.contract import (
    operations,
    # {% if cookiecutter.use_auth %}
    page_login,
    # {% endif %}
)

# {%- if cookiecutter.use_auth +%}
from app.standard.http import to_json
from app.standard.service import current_application

# {%- endif +%}

HERE = Path(__file__).parent
PAGE = Template((HERE / "jobs.html").read_text("utf-8"))
LIST = "app.standard.worker.jobs.list_jobs"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'"
)


def page_routes(contract: dict[str, Any]) -> list[BaseRoute]:
    """Return the routes of the page and its files, for a contract that has the operations."""
    [address] = [path for _, path, each in operations(contract) if each["operationId"] == LIST]
    values = {"title": escape(contract["info"]["title"]), "jobs": f"..{quote(address)}"}
    # {% if cookiecutter.use_auth %}
    scheme = contract["components"]["securitySchemes"][page_login.scheme_of(contract)]
    # {% endif %}

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

    return [
        Route("/ui/jobs", page),
        *(_file_route(HERE / name) for name in ("jobs.css", "jobs.js")),
        # {% if cookiecutter.use_auth %}
        _file_route(page_login.SCRIPT),
        # {% endif %}
    ]


def _file_route(file: Path) -> Route:
    async def send(_request: Request) -> Response:
        return FileResponse(file)

    return Route(f"/ui/{file.name}", send)
