"""Git, and what cannot be done."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# What git sets for its hooks and aliases would send every command to the same repository.
SET_BY_GIT = ("COMMON_DIR", "DIR", "INDEX_FILE", "OBJECT_DIRECTORY", "PREFIX", "WORK_TREE")


class Refused(Exception):
    """What cannot be done, in a sentence for the person who asked for it."""


def git(
    *arguments: str | Path,
    cwd: Path,
    text: str | None = None,
    good: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run git and return what it prints; raise ``Refused`` with its complaint if it fails."""
    result = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        input=text,
        env=os.environ | {"LC_ALL": "C", **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
    )
    if result.returncode not in good:
        said = result.stderr.strip() or result.stdout.strip()
        raise Refused(f"git {arguments[0]} failed: {said}")
    return result.stdout.rstrip("\n")


def redact(text: str) -> str:
    """Remove from addresses what may be a secret: all between the scheme and the host."""
    return re.sub(r"(://)[^/\s]*@", r"\1", text)
