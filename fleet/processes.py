"""What runs for the fleet: with whose variables, and where nobody sits."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# They are ours, and not for the checks of a service: two suites at a time would share the caches.
OURS = ("MYPY_CACHE_DIR", "RUFF_CACHE_DIR", "TEMPLATE_CLONE", "VIRTUAL_ENV")
# Nobody is there to type a password, and a server that sends nothing is given up.
UNATTENDED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
}


def environment() -> dict[str, str]:
    """Return the variables for what runs in a service."""
    return {name: value for name, value in os.environ.items() if name not in OURS}


def run_unattended() -> None:
    """Let git fail where it would ask or wait."""
    for name, value in UNATTENDED.items():
        os.environ.setdefault(name, value)
