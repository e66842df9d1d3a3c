"""The files of the page, as they were at the start; a browser asks whether its own are still right."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.standard.http import is_match

FOLDER = Path(__file__).with_name("files")
MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def read_files(*others: Path) -> dict[str, bytes]:
    """Return the files of the page, and others, by their names."""
    return {path.name: path.read_bytes() for path in (*FOLDER.iterdir(), *others)}


def file_route(contents: Mapping[str, bytes]) -> Route:
    """Return the route of all files."""
    tags = {name: f'"{sha256(content).hexdigest()[:16]}"' for name, content in contents.items()}

    async def send(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in contents:
            raise HTTPException(404)
        headers = {"ETag": tags[name], "Cache-Control": "no-cache"}
        if is_match(request.headers.get("If-None-Match"), tags[name]):
            return Response(status_code=304, headers=headers)
        media_type = MEDIA_TYPES[Path(name).suffix]
        return Response(contents[name], headers=headers, media_type=media_type)

    return Route("/page/{name}", send)
