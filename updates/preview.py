"""What an update would do, shown before and beside it."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from updates.arguments import CONFLICTS, DONE
from updates.commands import git
from updates.objects import Merge
from updates.planning import plan
from updates.recalling import merge_and_recall
from updates.service import Service
from updates.template import open_template

# A description of a merge request is an option of git's, which has 64 KB for it.
LISTED = 100
KINDS = {"A": "new", "D": "deleted", "R": "renamed"}
# Whatever the user's git is set to.
PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames")
PREFIXES = ("--src-prefix=a/", "--dst-prefix=b/")


@dataclass(frozen=True)
class Change:
    """What an update does to a file."""

    path: str
    kind: str
    lines: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.path}: {self.lines}" + (f", {self.kind}" if self.kind else "")


def show(top: Path, place: str, arguments: argparse.Namespace) -> int:
    """Print what an update would do: the changelog, the files, the conflicts and the hunks."""
    with tempfile.TemporaryDirectory() as scratch:
        # What a merge writes goes there, and not among the objects of the service.
        service = Service(borrow(top, Path(scratch, "service.git")), place)
        template = open_template(service.template, Path(scratch), service.directory)
        template.require(service.commit)
        target, answers, title, changes = plan(service, template, arguments)
        if target.commit == service.commit and answers is None:
            print(f"This service has {target.name} of the template: there is nothing to do.")
            return DONE
        merged = merge_and_recall(service, template, target, answers)
        parts = [title, changes, summarize(service, merged)]
        if conflicts := merged.list_conflicts():
            parts.append("\n".join(["Conflicts:", "", *(f"- {line}" for line in conflicts)]))
        parts.append(service.git("diff", *PLAIN, *PREFIXES, service.tree, merged.tree))
    write("\n\n".join(filter(None, parts)))
    return CONFLICTS if conflicts else DONE


def write(text: str) -> None:
    """Print a text, of which a pager or ``head`` need not read the rest."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def borrow(folder: Path, copy: Path, commit: str = "HEAD") -> Path:
    """Make a bare repository of a commit of another one, which stays as it is."""
    asked = ("--show-object-format", "--git-path", "objects", "--git-path", "shallow")
    format, *places = git("rev-parse", *asked, cwd=folder).splitlines()
    objects, shallow = (folder / place for place in places)
    git("init", "--quiet", "--bare", f"--object-format={format}", copy, cwd=copy.parent)
    (copy / "objects" / "info" / "alternates").write_text(f"{objects}\n", "utf-8")
    if shallow.exists():
        (copy / "shallow").write_bytes(shallow.read_bytes())
    git("update-ref", "HEAD", git("rev-parse", commit, cwd=folder), cwd=copy)
    return copy


def list_changes(service: Service, tree: str) -> list[Change]:
    """Return what differs between a service and a tree, by file."""
    trees = (*PLAIN, "-z", service.tree, tree)
    kinds = service.git("diff", "--name-status", *trees).split("\0")
    counts = service.git("diff", "--numstat", *trees).split("\0")
    changes = []
    while len(kinds) > 1:
        kind, path, *kinds = kinds
        added, removed, same = counts.pop(0).split("\t")
        if not same:
            # Renamed: two paths follow.
            path, *kinds = kinds
            del counts[:2]
        lines = "no text" if added == "-" else f"+{added} -{removed}"
        changes.append(Change(path, KINDS.get(kind[0], ""), lines))
    return changes


def summarize(service: Service, merged: Merge) -> str:
    """Say in some lines what an update changes, by file; many files are only counted."""
    changes = list_changes(service, merged.tree)
    lines = [f"- {change}" for change in changes[:LISTED]]
    more = len(changes) - LISTED
    lines += [f"- and {more} more"] * (more > 0)
    files = "1 file changes" if len(changes) == 1 else f"{len(changes)} files change"
    return "\n".join([f"{files}:", "", *lines])
