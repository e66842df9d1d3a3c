"""Compose files, read as Compose reads them, and what a test puts in the place of containers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

# `${NAME:-what else}`, `${NAME:?what is wanted}`, and `$$` for a dollar: the Compose specification.
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})")


def read_compose(file: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """Return what a compose file says with these variables; raise if one is missing."""

    def value(found: re.Match[str]) -> str:
        name, kind, other = found.groups()
        if name is None:
            return "$"
        if name not in variables and kind != "-":
            raise LookupError(f"{name}: {other}")
        return variables.get(name, other)

    read: dict[str, Any] = yaml.safe_load(VARIABLE.sub(value, file.read_text("utf-8")))
    return read


def replace(text: str, values: Mapping[str, str]) -> str:
    """Replace what a file says by what a test has."""
    for said, ours in values.items():
        assert said in text, said
        text = text.replace(said, ours)
    return text
