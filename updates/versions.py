"""Versions of the template."""

from __future__ import annotations

import re
from dataclasses import dataclass

RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
Version = tuple[int, int, int]


@dataclass(frozen=True)
class Target:
    """A version of the template: a release, or another commit."""

    name: str
    commit: str
    version: Version | None = None


def parse_version(name: str) -> Version | None:
    """Return the numbers of a release's name, such as v1.2.0."""
    match = RELEASE.fullmatch(name)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def name_of(version: Version | None) -> str:
    """Return the name of a release."""
    return "v" + ".".join(map(str, version)) if version else "no release"
