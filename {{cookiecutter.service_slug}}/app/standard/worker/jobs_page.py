"""A page at /ui/jobs, for people who look after the jobs; its script calls what jobs.yml has."""

from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from app.standard.contract import (
    operations,
    # {% if cookiecutter.use_auth %}
    page_login,
    # {% endif %}
    page_route,
)

HERE = Path(__file__).parent
PAGE = Template((HERE / "jobs.html").read_text("utf-8"))
LIST = "app.standard.worker.jobs.list_jobs"


def page_routes(contract: dict[str, Any]) -> list[BaseRoute]:
    """Return the routes of the page and its files, for a contract that has the operations."""
    [address] = [path for _, path, each in operations(contract) if each["operationId"] == LIST]
    return [
        page_route("/ui/jobs", PAGE, contract, jobs=f"..{quote(address)}"),
        *(_file_route(HERE / name) for name in ("jobs.css", "jobs.js")),
        # {% if cookiecutter.use_auth %}
        _file_route(page_login.SCRIPT),
        # {% endif %}
    ]


def _file_route(file: Path) -> Route:
    async def send(_request: Request) -> Response:
        return FileResponse(file)

    return Route(f"/ui/{file.name}", send)
