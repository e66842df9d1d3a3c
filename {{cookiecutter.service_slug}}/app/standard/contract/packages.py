"""Packages whose files are wanted, and not their code."""

from importlib.util import find_spec
from pathlib import Path


def folder_of(package: str) -> Path:
    """Return the folder of a package, which is not imported; raise ``ImportError`` without it."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ImportError(f"{package} is not installed", name=package)
    return Path(found.origin).parent
