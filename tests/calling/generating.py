"""Run the script that generates clients, as a team runs it."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from rendering import SERVICE

SCRIPT = SERVICE / "scripts" / "generate_clients.py"
# Runs the script several times in one process, each time with another configuration.
DRIVER = """
import contextlib, io, json, pathlib, sys
sys.path.insert(0, "scripts")
import generate_clients
told = []
for arguments, text in json.load(sys.stdin):
    pathlib.Path(generate_clients.CONFIG).write_text(text, "utf-8")
    sys.argv = ["generate_clients.py", *arguments]
    with contextlib.redirect_stderr(io.StringIO()) as printed:
        status = generate_clients.main()
    told.append([status, printed.getvalue()])
print(json.dumps(told))
"""


def generate(folder: Path, runs: list[Any]) -> list[tuple[int, str]]:
    """Run it with arguments and a configuration each; return the exit statuses and its words."""
    pinned = tomllib.loads(
        "".join(
            line.removeprefix("# ")
            for line in SCRIPT.read_text("utf-8").splitlines(keepends=True)[1:3]
        )
    )["dependencies"]
    options = [part for each in pinned for part in ("--with", each)]
    # A team does not say where ruff shall have its cache.
    variables = {name: value for name, value in os.environ.items() if name != "RUFF_CACHE_DIR"}
    result = subprocess.run(
        ["uv", "run", "--quiet", "--no-project", *options, "python", "-c", DRIVER],
        cwd=folder,
        env=variables,
        input=json.dumps(runs),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    told: list[tuple[int, str]] = json.loads(result.stdout)
    return told
