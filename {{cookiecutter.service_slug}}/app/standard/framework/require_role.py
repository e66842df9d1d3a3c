"""Who may call a route in code: what the contract says of its operations, as a dependency."""

from typing import Any

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from app.standard.auth import Principal, TokenVerifier, admit
from app.standard.service import current_application

SCHEME = "bearer"


class RequireRole(SecurityBase):
    """Admits callers with one of the roles, or with any token where no role is named.

    It gives the ``Principal``, which ``current_principal`` returns from then on. Raises what the
    operations of the contract do: 401 without a token, 403 without a role.
    """

    def __init__(self, *roles: str) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = SCHEME
        self.alternatives = [frozenset({role}) for role in roles] or [frozenset()]

    async def __call__(self, request: Request) -> Principal:
        verifier = current_application().resource(TokenVerifier)
        return await admit(request.scope, verifier, self.alternatives)


def name_as_contract(described: dict[str, Any], contract: dict[str, Any]) -> None:
    """Let described routes ask for tokens by the contract's name of them: one login is for all."""
    names = [*contract.get("components", {}).get("securitySchemes", {})]
    schemes = described.get("components", {}).get("securitySchemes", {})
    if not names or SCHEME in names or SCHEME not in schemes:
        return
    del schemes[SCHEME]
    for item in described["paths"].values():
        for operation in item.values():
            operation["security"] = [
                {names[0] if name == SCHEME else name: roles for name, roles in each.items()}
                for each in operation.get("security", [])
            ]
