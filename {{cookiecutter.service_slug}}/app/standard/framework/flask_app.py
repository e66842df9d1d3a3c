"""Connexion on Flask.

Flask calls a view in a thread of its own. Handlers run on the server's event loop all the
same, so that they share its pools and end when their client leaves; and streams are sent by the
loop, so that they hold no thread.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from connexion.apps.abstract import AbstractApp
from connexion.apps.flask import FlaskApp
from pydantic import Field

from app.standard.framework.flask_views import FlaskViews
from app.standard.service import Application, ServiceSettings

# Given to the threads of views when the service stops.
END_SECONDS = 2.0


class FlaskSettings(ServiceSettings):
    """How many requests Flask handles at once; others wait for their turn."""

    wsgi_threads: int = Field(default=40, ge=1)


class OperationsOnFlask(FlaskApp):
    """A ``FlaskApp`` whose views are the operations; ``app`` is Flask's own application."""

    def __init__(self, views: FlaskViews, options: dict[str, Any]) -> None:
        # Connexion's own reads each request anew, and takes no number of threads
        # (https://github.com/spec-first/connexion/issues/1979).
        self._middleware_app = views
        AbstractApp.__init__(self, "app", **options)
        self.app = views.app


def build(application: Application, options: dict[str, Any]) -> FlaskApp:
    """Return Connexion on Flask."""
    threads = application.settings_as(FlaskSettings).wsgi_threads
    views = FlaskViews(threads, application.settings.environment != "production")
    application.lifespans.append(partial(_wait_for_threads, views, threads))
    return OperationsOnFlask(views, options)


@asynccontextmanager
async def _wait_for_threads(views: FlaskViews, threads: int) -> AsyncIterator[None]:
    """Keep the loop until the threads, whose last words go through it, have ended."""
    yield
    # The application may start again.
    ending = views.replace_threads(ThreadPoolExecutor(threads))
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await asyncio.to_thread(ending.shutdown)
