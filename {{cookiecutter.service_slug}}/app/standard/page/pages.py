"""The page itself; what it shows of the contract is in operations.json, which its script reads."""

from pathlib import Path
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.standard.contract import (
    operations,
    # {% if cookiecutter.use_auth %}
    page_login,
    # {% endif %}
    page_route,
)
from app.standard.http import to_json
from app.standard.page.operations import shown_operations
from app.standard.page.served_files import file_route, read_files

PAGE = Template(Path(__file__).with_name("page.html").read_text("utf-8"))


def page_routes(contract: dict[str, Any], documented: dict[str, Any]) -> list[BaseRoute]:
    """Return the routes of the page, its files and the description of what it shows.

    The root leads to the page, unless what is documented has something there.
    """
    shown = shown_operations(contract)
    values = {"description": contract["info"].get("description", "")}
    # {% if cookiecutter.use_auth %}
    files = read_files(page_login.SCRIPT) | {"operations.json": to_json(shown)}
    values["scopes"] = " ".join(sorted({role for each in shown for role in each["roles"]}))
    # {% endif %}
    # {% if not cookiecutter.use_auth %}
    files = read_files() | {"operations.json": to_json(shown)}
    # {% endif %}

    async def redirect(_request: Request) -> Response:
        return RedirectResponse("page/")

    is_free = "/" not in {template for _, template, _ in operations(documented)}
    return [
        *([Route("/", redirect)] if is_free else []),
        Route("/page", redirect),
        page_route("/page/", PAGE, contract, **values),
        file_route(files),
    ]
