"""Logging in on a page of the service, as in Swagger UI; its script is page_login.js."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("page_login.js")


@dataclass(frozen=True)
class PageLogin:
    """How a page lets people log in.

    ``find`` takes a security scheme of the contract and the policy of the page. It returns the
    options of the script, and the headers with which the page may reach the provider.
    """

    find: Callable[[dict[str, Any], str], Awaitable[tuple[dict[str, Any], dict[str, str]]]]
