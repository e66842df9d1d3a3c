"""Entries of the changelog, of which a service hears those that its answers concern."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

SWITCH = "use_"
# What their names do not tell, or tell wrongly: of what these files are, nothing being all services.
OWNERS = {
    "clients/typescript": "typescript_client",
    "compose.production.yaml": "compose",
    "compose.yaml": "",
    "deploy/observability": "telemetry",
    "scripts/build_lambda.sh": "lambda",
    "scripts/deploy.sh": "kubernetes",
    "scripts/deploy_lambda.sh": "lambda",
    "scripts/generate_clients.py": "clients",
    "scripts/release.sh": "kubernetes",
    "scripts/release_lambda.sh": "lambda",
}


def choose_entries(
    changelog: str, answers: Mapping[str, object], questions: Mapping[str, Any]
) -> str:
    """Return a changelog without the entries whose files are all of modules that are off."""
    off = list_off(answers, questions)
    kept = [part for part in re.split(r"\n(?=- |\S)", changelog) if not is_off(part, off)]
    lines: list[str] = []
    for part in reversed(kept):
        below = lines[-1] if lines else ""
        # A heading with nothing below it goes, too.
        is_idle = not below or is_version(below)
        if (is_version(part) and is_idle) or (is_group(part) and (is_idle or is_group(below))):
            continue
        lines.append(part)
    return "\n".join(reversed(lines)).rstrip()


def is_version(part: str) -> bool:
    """Tell whether a part is the heading of a release."""
    return bool(re.fullmatch(r"v?\d+\.\d+\.\d+|Unreleased", part.strip()))


def is_group(part: str) -> bool:
    """Tell whether a part is a heading such as ``Changed:``."""
    return bool(re.fullmatch(r"\w+:", part.strip()))


def list_off(answers: Mapping[str, object], questions: Mapping[str, Any]) -> list[str]:
    """Return the modules that are off, and the choices that were not taken.

    What a service was not asked yet is answered as the update answers it, by the default.
    """
    off = []
    for name, asked in questions.items():
        is_choice = isinstance(asked, list) and asked
        answer = answers.get(name, asked[0] if is_choice else asked)
        if isinstance(asked, bool) and answer in (False, "false", "no"):
            off.append(name.removeprefix(SWITCH))
        elif is_choice and answer in asked:
            off += [choice for choice in asked if choice != answer]
    return off


def is_off(entry: str, off: Sequence[str]) -> bool:
    """Tell whether an entry names files, and all of them are of what is off."""
    line = re.search(r"^ *Files: (.*?)(?:,? and of new services.*)?$", entry, re.MULTILINE)
    paths = re.findall("`([^`]+)`", line[1]) if line else []
    return bool(paths) and all(is_of(path, off) for path in paths)


def is_of(path: str, names: Sequence[str]) -> bool:
    """Tell whether a file is of a module, by the folder or the first word of its name."""
    for owned, owner in OWNERS.items():
        if PurePosixPath(path).is_relative_to(owned):
            return owner in names
    parts = [PurePosixPath(part).stem for part in PurePosixPath(path).parts]
    return any(part == name or part.startswith(f"{name}_") for part in parts for name in names)
