"""Swagger UI at /ui, and the contract that it shows at /openapi.json.

# {% if cookiecutter.framework != "fastapi" %}
The files are those of swagger-ui-dist in the package flask-swagger-ui: Connexion's own
bundle is swagger-ui 4, with known advisories, and has no newer release.
# {% endif %}
# {% if cookiecutter.framework == "fastapi" %}
The files are those of swagger-ui-dist in the package fastapi-swagger: the pages of FastAPI take
theirs from elsewhere.
# {% endif %}
"""

from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from app.standard.contract.packages import folder_of

# {%- if not cookiecutter.use_page +%}
from app.standard.contract.reading import operations

# {%- endif +%}
from app.standard.http import to_json

HERE = Path(__file__).parent
# {% if cookiecutter.framework == "fastapi" %}
DIST_FOLDER = folder_of("fastapi_swagger") / "resources"
# {% endif %}
# {% if cookiecutter.framework != "fastapi" %}
DIST_FOLDER = folder_of("flask_swagger_ui") / "dist"
# {% endif %}
# Relative addresses hold behind any prefix; a script file instead of an inline script lets a
# Content-Security-Policy forbid the latter.
PAGE = Template((HERE / "page.html").read_text("utf-8"))
INITIALIZER = (HERE / "initializer.js").read_text("utf-8")
# The script sets styles, and draws with images that stand in its own text.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; script-src 'self'; style-src 'self' 'unsafe-inline'"
)


def routes(public: dict[str, Any]) -> list[BaseRoute]:
    """Return the routes of the page, its files and the contract that it shows."""
    document = to_json(public)

    async def contract(_request: Request) -> Response:
        return Response(document, media_type="application/json")

    async def page(_request: Request) -> Response:
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(render_page(public), headers=headers)

    async def initializer(_request: Request) -> Response:
        return Response(INITIALIZER, media_type="text/javascript")

    async def redirect(_request: Request) -> Response:
        return RedirectResponse("ui/")

    # {% if not cookiecutter.use_page %}
    # Where the contract has nothing itself.
    is_free = "/" not in {template for _, template, _ in operations(public)}
    # {% endif %}
    return [
        # {% if not cookiecutter.use_page %}
        *([Route("/", redirect)] if is_free else []),
        # {% endif %}
        Route("/openapi.json", contract),
        Route("/ui", redirect),
        Route("/ui/", page),
        Route("/ui/initializer.js", initializer),
        Mount("/ui", StaticFiles(directory=DIST_FOLDER)),
    ]


def render_page(contract: dict[str, Any]) -> str:
    """Return the page for this contract."""
    return PAGE.substitute(title=escape(contract["info"]["title"]))
