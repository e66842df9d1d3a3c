"""Liveness and readiness, for whoever runs the service."""

import asyncio
from typing import Any

import structlog

from app.standard.service import ReadinessCheck, current_service

CHECK_SECONDS = 2.0

logger = structlog.stdlib.get_logger(__name__)


async def healthz() -> dict[str, Any]:
    """Answer while the process runs; touch nothing else."""
    return {"status": "ok"}


async def readyz() -> tuple[dict[str, Any], int]:
    """Run the checks that the modules registered, side by side, each with a bound."""
    checks = current_service().readiness_checks
    passed = await asyncio.gather(*(_passes(name, check) for name, check in checks.items()))
    results = {name: "ok" if ok else "failing" for name, ok in zip(checks, passed, strict=True)}
    ready = all(passed)
    return {"status": "ok" if ready else "failing", "checks": results}, 200 if ready else 503


async def _passes(name: str, check: ReadinessCheck) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception:
        logger.warning("readiness check failed", check=name, exc_info=True)
        return False
    return True
