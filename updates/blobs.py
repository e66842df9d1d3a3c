"""The contents of committed files, many at once and byte for byte."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from updates.commands import Refused, git


# An update asks several times for the same few.
@lru_cache(maxsize=8)
def list_blobs(repository: Path, tree: str) -> Mapping[str, str]:
    """Return the name that git has for each file of a tree; links and submodules are left out.

    The tree is named by its hash, or that of a commit: what has such a name never changes.
    """
    listed = git("ls-tree", "-r", "-z", "--full-tree", tree, cwd=repository)
    lines = (line.partition("\t") for line in listed.split("\0") if line.startswith("100"))
    return {path: entry.split()[2] for entry, _, path in lines}


def read_blobs(repository: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of blobs by their names."""
    wanted = sorted({*names})
    result = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=repository,
        input="".join(f"{name}\n" for name in wanted).encode(),
        capture_output=True,
    )
    contents, start = {}, 0
    for name in wanted:
        end = result.stdout.find(b"\n", start)
        head = result.stdout[start:end].split()
        if len(head) != 3:
            raise Refused(f"git cannot read {name}: {result.stderr.decode(errors='replace')}")
        contents[name] = result.stdout[end + 1 : end + 1 + int(head[2])]
        start = end + 1 + int(head[2]) + 1
    return contents


def read_files(repository: Path, tree: str, paths: Collection[str]) -> dict[str, bytes]:
    """Return the contents of some files of a tree, where they are."""
    blobs = {path: name for path, name in list_blobs(repository, tree).items() if path in paths}
    contents = read_blobs(repository, blobs.values())
    return {path: contents[name] for path, name in blobs.items()}


def name_blob(content: bytes, like: str) -> str:
    """Return the name that git gives to a content, by the hash that another name is of."""
    hash = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return hash(b"blob %d\0" % len(content) + content).hexdigest()
