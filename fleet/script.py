"""The script that updates a service, as it stands in the template folder."""

from __future__ import annotations

import importlib.util
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "{{cookiecutter.service_slug}}" / "scripts" / "update_from_template.py"
# They are ours, and not for the checks of a service: two suites at a time would share the caches.
OURS = ("MYPY_CACHE_DIR", "RUFF_CACHE_DIR", "VIRTUAL_ENV")
# Nobody is there to type a password, and a server that sends nothing is given up.
UNATTENDED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
}


@cache
def load() -> Any:
    """Load the script as a module."""
    spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
    if not spec or not spec.loader:
        raise ImportError(f"{SCRIPT} is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look for their module there.
    sys.modules[SCRIPT.stem] = module
    # A cache in the template folder would become part of a service.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


def environment() -> dict[str, str]:
    """Return the variables for what runs in a service."""
    return {name: value for name, value in os.environ.items() if name not in OURS}


def run_unattended() -> None:
    """Let git fail where it would ask or wait."""
    for name, value in UNATTENDED.items():
        os.environ.setdefault(name, value)
