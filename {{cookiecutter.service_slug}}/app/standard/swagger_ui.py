"""Swagger UI at /ui, and the contract that it shows at /openapi.json.

The files are those of swagger-ui-dist in the package flask-swagger-ui: Connexion's own
bundle is swagger-ui 4, with known advisories, and has no newer release.
"""

from html import escape
from pathlib import Path
from string import Template
from typing import Any

import flask_swagger_ui
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from app.standard.serialization import to_json
from app.standard.service import Service
from app.standard.spec import public_spec

DIST_FOLDER = Path(flask_swagger_ui.__file__).with_name("dist")
# Relative addresses hold behind any prefix; a script file instead of an inline script lets a
# Content-Security-Policy forbid the latter.
PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$title</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="initializer.js"></script>
</body>
</html>
""")
# The script sets styles, and draws with images that stand in its own text.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; script-src 'self'; style-src 'self' 'unsafe-inline'"
)
INITIALIZER = """window.ui = SwaggerUIBundle({
  url: new URL("../openapi.json", window.location.href).href,
  dom_id: "#swagger-ui",
  deepLinking: true,
});
"""


def init_app(service: Service) -> None:
    """Serve the page, its files and the contract, unless the settings turn them off."""
    if service.settings.serve_api_docs:
        service.routes.extend(_routes(public_spec(service.spec)))


def render_page(spec: dict[str, Any]) -> str:
    """Return the page for this contract."""
    return PAGE.substitute(title=escape(spec["info"]["title"]))


def _routes(spec: dict[str, Any]) -> list[BaseRoute]:
    document = to_json(spec)

    async def contract(_request: Request) -> Response:
        return Response(document, media_type="application/json")

    async def page(_request: Request) -> Response:
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(render_page(spec), headers=headers)

    async def initializer(_request: Request) -> Response:
        return Response(INITIALIZER, media_type="text/javascript")

    async def redirect(_request: Request) -> Response:
        return RedirectResponse("ui/")

    return [
        Route("/openapi.json", contract),
        Route("/ui", redirect),
        Route("/ui/", page),
        Route("/ui/initializer.js", initializer),
        Mount("/ui", StaticFiles(directory=DIST_FOLDER)),
    ]
