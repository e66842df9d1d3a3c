"""The roles that the contract asks for."""

import re
from typing import Any

from app.standard.contract import ContractError, operations

# What a scope may be (RFC 6749, section 3.3); a header can name it.
ROLE = re.compile(r"[!#-\[\]-~]+")

# By the operationId, the sets of roles of which one is enough.
Requirements = dict[str, list[frozenset[str]]]


def read_requirements(spec: dict[str, Any]) -> Requirements:
    """Map each operationId to the sets of roles of which one is enough; none is public.

    Raises ``ContractError`` for an operation that says nothing of its security, and for what would
    not be checked.
    """
    schemes = spec.get("components", {}).get("securitySchemes", {})
    requirements = {}
    for method, path, operation in operations(spec):
        where = f"{method.upper()} {path}"
        security = operation.get("security", spec.get("security"))
        if security is None:
            raise ContractError(f"{where} has no security; a public operation says security: []")
        if not isinstance(security, list):
            raise ContractError(f"{where}: its security must be a list")
        requirements[operation["operationId"]] = [
            _read_roles(alternative, schemes, where) for alternative in security
        ]
    return requirements


def _read_roles(alternative: Any, schemes: dict[str, Any], where: str) -> frozenset[str]:
    if not isinstance(alternative, dict) or len(alternative) != 1:
        raise ContractError(f"{where}: each entry of its security must name one scheme")
    ((scheme, roles),) = alternative.items()
    if not _is_bearer(schemes.get(scheme, {})):
        raise ContractError(f"{where}: nobody checks its security scheme {scheme}")
    if not isinstance(roles, list) or not all(ROLE.fullmatch(str(role)) for role in roles):
        raise ContractError(f"{where}: the roles of {scheme} must be a list of words")
    return frozenset(map(str, roles))


def _is_bearer(scheme: dict[str, Any]) -> bool:
    """Tell whether the scheme asks for what is checked: a bearer token."""
    kind = scheme.get("type")
    is_http_bearer = kind == "http" and str(scheme.get("scheme")).lower() == "bearer"
    return is_http_bearer or kind in ("oauth2", "openIdConnect")
