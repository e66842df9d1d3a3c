"""Conflicts that one service resolved, for others that have the same: git's rerere, and its cache.

A resolution is offered, and never taken: it stands beside the conflict.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from updates.blobs import list_blobs, read_blobs
from updates.commands import git
from updates.merging import merge
from updates.objects import Merge
from updates.preview import borrow
from updates.service import Service
from updates.state import STATE
from updates.template import Template
from updates.versions import Target

# The folder of the cache, which the fleet carries from service to service.
VARIABLE = "TEMPLATE_RESOLUTIONS"
# Beside what git keeps of a conflict: the name of the service.
FROM = "from"
# What a description of a merge request has room for.
LONGEST = 10_000


@dataclass(frozen=True)
class Offer:
    """How another service resolved the conflict in a file, as a patch of the file with markers."""

    path: str
    service: str
    patch: str


class Desk:
    """A work tree in which git sees the conflicts of a merge."""

    def __init__(self, service: Service, merged: Merge, place: Path) -> None:
        self.folder = place
        asked = service.git("rev-parse", "--show-object-format", "--git-path", "objects")
        format, objects = asked.splitlines()
        git("init", "--quiet", f"--object-format={format}", place, cwd=place.parent)
        (place / ".git" / "objects" / "info" / "alternates").write_text(
            f"{service.folder / objects}\n", "utf-8"
        )
        lines = [
            f"{entry}\t{path}\0" for path, found in merged.conflicts.items() for entry in found
        ]
        git("update-index", "-z", "--index-info", cwd=place, text="".join(lines))
        names = list_blobs(service.folder, merged.tree)
        conflicts = {path: names[path] for path in merged.conflicts if path in names}
        contents = read_blobs(service.folder, conflicts.values())
        self.before = {path: contents[name] for path, name in conflicts.items()}
        self.write(self.before)
        self.rerere()
        file = place / ".git" / "MERGE_RR"
        noted = file.read_text("utf-8").split("\0")[:-1] if file.exists() else []
        # The name that git gives to each conflict.
        self.names = {path: name for name, _, path in (line.partition("\t") for line in noted)}

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files into the work tree."""
        for path, content in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)

    def rerere(self) -> None:
        """Have git note new conflicts and new resolutions, and resolve what it knows."""
        git("-c", "rerere.enabled=true", "-c", "rerere.autoUpdate=false", "rerere", cwd=self.folder)

    def take(self, cache: Path) -> None:
        """Take another cache in the place of the one of this work tree."""
        cache.mkdir(parents=True, exist_ok=True)
        (self.folder / ".git" / "MERGE_RR").unlink(missing_ok=True)
        shutil.rmtree(self.folder / ".git" / "rr-cache", ignore_errors=True)
        (self.folder / ".git" / "rr-cache").symlink_to(cache.resolve(), target_is_directory=True)

    def learn(self, solved: Mapping[str, bytes], cache: Path, service: str) -> None:
        """Put into a cache how a service resolved conflicts that are not in it."""
        names = {path: self.names[path] for path in solved if path in self.names}
        new = [path for path, name in names.items() if not (cache / name / "postimage").exists()]
        self.take(cache)
        self.rerere()
        self.write({path: solved[path] for path in new})
        self.rerere()
        for path in new:
            (cache / names[path] / FROM).write_text(service, "utf-8")

    def offer(self, cache: Path) -> list[Offer]:
        """Return what a cache has for these conflicts."""
        self.take(cache)
        self.rerere()
        offers = []
        for path, name in self.names.items():
            source = cache / name / FROM
            after = (self.folder / path).read_bytes()
            if after != self.before[path] and source.exists():
                patch = write_patch(path, self.before[path], after)
                offers.append(Offer(path, source.read_text("utf-8"), patch))
        return offers


def write_patch(path: str, before: bytes, after: bytes) -> str:
    """Return a difference of two texts."""
    old, new = (text.decode(errors="replace").splitlines() for text in (before, after))
    return "\n".join(unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""))


def find_offers(service: Service, merged: Merge) -> list[Offer]:
    """Return how other services resolved these conflicts, where the fleet carries that."""
    cache = os.environ.get(VARIABLE)
    if not (cache and merged.conflicts):
        return []
    with tempfile.TemporaryDirectory() as scratch:
        return Desk(service, merged, Path(scratch, "desk")).offer(Path(cache))


def describe(offers: list[Offer]) -> str:
    """Say whose resolutions there are, and what they are; none is taken."""
    if not offers:
        return ""
    parts = ["Other services resolved the same. Nothing of it is taken: look before you do."]
    for offer in offers:
        patch = offer.patch if len(offer.patch) <= LONGEST else "It is too long to stand here."
        parts.append(f"{offer.path}, as in {offer.service}:\n\n```diff\n{patch}\n```")
    return "\n\n".join(parts)


def learn(service: Service, template: Template, cache: Path, name: str) -> None:
    """Put into a cache how a service resolved the conflicts of its last update."""
    log = (
        "log",
        "-1",
        "--first-parent",
        "--format=%H %P",
        service.head,
        "--",
        f"{service.place}{STATE}",
    )
    update, *parents = service.git(*log).split()
    if not parents:
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = borrow(service.folder, Path(scratch, "service.git"), parents[0])
        before = Service(folder, service.place)
        if before.commit == service.commit:
            return
        template.require(before.commit)
        merged = merge(before, template, Target("update", service.commit))
        if not merged.conflicts:
            return
        solved: dict[str, bytes] = {}
        for commit in (service.head, update):
            names = list_blobs(service.folder, f"{commit}:{service.place}")
            there = {path: names[path] for path in merged.conflicts if path in names}
            contents = read_blobs(service.folder, there.values())
            clear = {path: contents[name] for path, name in there.items()}
            solved |= {path: text for path, text in clear.items() if b"<<<<<<< " not in text}
        Desk(before, merged, Path(scratch, "desk")).learn(solved, cache, name)
