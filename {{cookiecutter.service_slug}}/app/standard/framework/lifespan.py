"""What runs around the life of the application."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.standard.service import Application


@asynccontextmanager
async def run_lifespans(application: Application, _app: object) -> AsyncIterator[None]:
    """Keep the lifespans of the modules open while the application runs."""
    async with AsyncExitStack() as stack:
        for lifespan in application.lifespans:
            await stack.enter_async_context(lifespan())
        if application.settings.environment == "production":
            # A collection that looks at all that was made until now stops every request.
            gc.freeze()
        # Where run.py has started it, there was none yet.
        gc.enable()
        yield
