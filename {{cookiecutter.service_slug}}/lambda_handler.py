"""Answer the events of AWS Lambda from a zip, where its handler is ``lambda_handler.handler``.

Each response leaves in one piece; the image, by run.py and the Lambda Web Adapter, streams.
"""

import asyncio
import logging
from typing import Any
from urllib.parse import quote, urlencode

# {% if cookiecutter.use_database %}
import alembic.command
import alembic.config

# {%- print "\n" %}
# {% endif %}
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.protocols import LifespanCycle

from app import create_app
from app.standard.service import configure_logging, load_settings
from config import Settings

# All others go as base64, which a REST API hands on as it is.
TEXT_TYPES = [*DEFAULT_TEXT_MIME_TYPES, "application/problem+json"]


class Handler:
    """The application, which starts once for all events of its sandbox.

    Raises ``SettingsError`` or ``ContractError``, as the start of the server does.
    """

    def __init__(self) -> None:
        settings = load_settings(Settings)
        self._app = create_app(settings)
        configure_logging(settings)
        # The request log has a line of each.
        logging.getLogger("mangum").setLevel(logging.WARNING)
        self._root_path = settings.root_path
        # Its own for each event would have pools that are bound to the last one.
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        # With its lifespan, they would be opened and closed by each event.
        self._mangum = Mangum(self._answer, lifespan="off", text_mime_types=TEXT_TYPES)
        self._lifespan = LifespanCycle(self._app, "on")
        self._lifespan.__enter__()
        # {% if cookiecutter.use_telemetry %}
        self._is_heard = settings.is_heard
        # {% endif %}

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Return the response to an event of a function URL, an API Gateway or a load balancer."""
        # {% if cookiecutter.use_telemetry %}
        try:
            return self._mangum(event, context)
        finally:
            if self._is_heard:
                # What waits until later may find the sandbox frozen.
                from app.standard.telemetry.sending import flush

                self._loop.run_until_complete(flush())
        # {% endif %}
        # {% if not cookiecutter.use_telemetry %}
        return self._mangum(event, context)
        # {% endif %}

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        """Call the application with a path that begins with ROOT_PATH, as servers do."""
        path, prefix = scope["path"], self._root_path
        if not f"{path}/".startswith(f"{prefix}/"):
            path = prefix + path
        query = query_string(scope["aws.event"]) or scope["query_string"]
        place = {"path": path, "query_string": query, "root_path": prefix}
        await self._app({**scope, **place}, receive, send)


def query_string(event: dict[str, Any]) -> bytes:
    """Return the query of an event that has its parts alone, with commas that part values.

    A balancer hands on what was sent; what a REST API has decoded, mangum encodes, commas too.
    """
    parts = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters")
    if "rawQueryString" in event or not parts:
        return b""
    was_decoded = "elb" not in event["requestContext"]
    pairs = [
        (name, value)
        for name, values in parts.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    if was_decoded:
        return urlencode(pairs, safe=",", quote_via=quote).encode()
    return "&".join(map("=".join, pairs)).encode()


# {% if cookiecutter.use_database %}
def migrate(_event: object, _context: object) -> None:
    """Run the migrations, as a function of its own: ``lambda_handler.migrate``."""
    alembic.command.upgrade(alembic.config.Config("alembic.ini"), "head")


# {% endif %}
handler = Handler()
