"""Liveness and readiness, for whoever runs the service."""

import asyncio
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.standard.service import ReadinessCheck, Service

CHECK_SECONDS = 2.0

logger = structlog.stdlib.get_logger(__name__)


def init_app(service: Service) -> None:
    """Answer at /healthz and /readyz."""

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        checks = service.readiness_checks
        passed = await asyncio.gather(*(_passes(name, check) for name, check in checks.items()))
        results = {name: _word(ok) for name, ok in zip(checks, passed, strict=True)}
        status = HTTPStatus.OK if all(passed) else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": _word(all(passed)), "checks": results}, status)

    service.routes.extend([Route("/healthz", healthz), Route("/readyz", readyz)])


def _word(passed: bool) -> str:
    return "ok" if passed else "failing"


async def _passes(name: str, check: ReadinessCheck) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception:
        logger.warning("readiness check failed", check=name, exc_info=True)
        return False
    return True
