"""A handler that wants to know who calls."""

from typing import Any

from app.standard.auth import current_principal


async def caller() -> dict[str, Any]:
    """Return who calls."""
    principal = current_principal()
    return {"subject": principal.subject, "roles": sorted(principal.roles)}
