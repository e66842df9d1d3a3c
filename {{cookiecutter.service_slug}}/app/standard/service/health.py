"""Liveness and readiness, for whoever runs the service."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Scope

from app.standard.service.application import Application, NotReady, ReadinessCheck

# What the served contract says of this.
HEALTH_FILE = Path(__file__).with_name("health.yml")
HEALTH_CONTRACT: dict[str, Any] = yaml.safe_load(HEALTH_FILE.read_text("utf-8"))
CHECK_SECONDS = 2.0

logger = structlog.stdlib.get_logger(__name__)


def is_probe(scope: Scope) -> bool:
    """Tell whether it is a probe of health, which is not logged and never refused."""
    return scope["path"].removeprefix(scope.get("root_path", "")) in HEALTH_CONTRACT["paths"]


def add_health(application: Application) -> None:
    """Answer at /healthz and /readyz; from SIGTERM on, the service is not ready."""
    stopping = threading.Event()

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        checks = application.readiness_checks
        found = await asyncio.gather(*(run_check(name, check) for name, check in checks.items()))
        results = dict(zip(checks, found, strict=True))
        if stopping.is_set():
            results["stopping"] = {"status": "failing"}
        is_ready = all(result["status"] == "ok" for result in results.values())
        answer = {"status": "ok" if is_ready else "failing", "checks": results}
        return JSONResponse(answer, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)

    @asynccontextmanager
    async def watch_sigterm() -> AsyncIterator[None]:
        # The server's own handler; in tests, which run the service in a thread, there is none.
        handler = signal.getsignal(signal.SIGTERM)

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()
            if callable(handler):
                handler(number, frame)

        if callable(handler) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, stop)
        yield

    application.routes.extend([Route("/healthz", healthz), Route("/readyz", readyz)])
    application.lifespans.append(watch_sigterm)


async def run_check(name: str, check: ReadinessCheck) -> dict[str, object]:
    """Run a check of readiness; return what there is to tell of it, and log its failure."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return {"status": "ok", **(await check() or {})}
    except Exception as error:
        cause = repr(error.__cause__ or error)
        logger.warning("readiness check failed", check=name, cause=cause)
        reason = {"reason": str(error)} if isinstance(error, NotReady) else {}
        return {"status": "failing", **reason}
