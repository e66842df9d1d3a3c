"""Logging in on a page of the service, as in Swagger UI; its script is page_login.js."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from app.standard.contract.reading import operations

SCRIPT = Path(__file__).with_name("page_login.js")
# Of a contract without any.
SCHEMES = {"bearer": {"type": "http", "scheme": "bearer"}}


@dataclass(frozen=True)
class PageLogin:
    """How a page lets people log in.

    ``find`` takes a security scheme of the contract and the policy of the page. It returns the
    options of the script, and the headers with which the page may reach the provider.
    """

    find: Callable[[dict[str, Any], str], Awaitable[tuple[dict[str, Any], dict[str, str]]]]


def schemes_of(contract: dict[str, Any]) -> dict[str, Any]:
    """Return the security schemes of the contract, or one where it has none."""
    return contract.get("components", {}).get("securitySchemes") or SCHEMES


def scheme_of(contract: dict[str, Any]) -> str:
    """Return the name of the security scheme that the contract asks for first, if it has one."""
    asking = [contract, *(operation for _, _, operation in operations(contract))]
    asked = (name for each in asking for names in each.get("security") or [] for name in names)
    return str(next(chain(asked, schemes_of(contract))))
