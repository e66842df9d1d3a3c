"""Merge drivers that a service names in its ``.gitattributes``."""

from __future__ import annotations

import re
from pathlib import Path

from updates.commands import git
from updates.service import Service

BUILT_IN = {"binary", "text", "union"}


def read_attributes(service: Service) -> str:
    """Return what the ``.gitattributes`` at the top says of merges: git reads no others here."""
    lines = service.read(".gitattributes").splitlines()
    return "".join(f"{line}\n" for line in lines if re.search(r"\s-?merge\b|^\[attr\]", line))


def list_settings(folder: Path) -> dict[str, str]:
    """Return what the settings of git say of drivers, as ``merge.ours.driver``."""
    options = ("config", "--null", "--get-regexp", r"^merge\..*\.(driver|recursive)$")
    entries = git(*options, cwd=folder, good=(0, 1)).split("\0")
    return {name: value for name, _, value in (entry.partition("\n") for entry in entries) if name}


def list_missing(attributes: str, settings: dict[str, str]) -> list[str]:
    """Return the drivers that are named, and are not installed here."""
    named = {*re.findall(r"\smerge=(\S+)", attributes)} - BUILT_IN
    return sorted(name for name in named if f"merge.{name}.driver" not in settings)


def describe_missing(attributes: str, settings: dict[str, str]) -> str:
    """Say which drivers are not installed, or nothing."""
    missing = ", ".join(list_missing(attributes, settings))
    return f"Merged by lines, for want of merge drivers: {missing}." if missing else ""
