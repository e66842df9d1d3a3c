"""Which files of the template a service changed, and how far."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path

from updates.arguments import DONE
from updates.blobs import list_blobs, name_blob, read_blobs
from updates.merging import answers_of_older_services
from updates.rendering import FILES
from updates.service import Service, read_skip
from updates.template import Template, open_template
from updates.versions import name_of


@dataclass(frozen=True)
class Drift:
    """A file that a service changed: the lines that it added, and those that it removed.

    A file that is no text has no lines.
    """

    path: str
    added: int
    removed: int
    deleted: bool = False

    def __str__(self) -> str:
        """Say how far the file is from what the template wrote."""
        return f"{self.path}: {'deleted' if self.deleted else f'+{self.added} -{self.removed}'}"


def tell_drift(service: Service, arguments: argparse.Namespace) -> int:
    """Print what a service changed, for people or for machines."""
    with tempfile.TemporaryDirectory() as scratch:
        template = open_template(service.template, Path(scratch), service.directory)
        template.require(service.commit)
        drift = find_drift(service, template)
        version = name_of(template.version_of(service.commit))
    if arguments.json:
        state = {"template": version, "commit": service.commit}
        print(json.dumps({**state, "drift": list(map(asdict, drift))}, indent=2))
    else:
        print("".join(f"{each}\n" for each in drift), end="")
        print(f"Since {version}: {sum_up(drift)}.")
    return DONE


def sum_up(drift: Sequence[Drift]) -> str:
    """Return in a few words how far a service is from the template."""
    if not drift:
        return "no file"
    added, removed = sum(each.added for each in drift), sum(each.removed for each in drift)
    return f"{len(drift)} file{'s' * (len(drift) > 1)}, +{added} -{removed}"


def find_drift(service: Service, template: Template) -> list[Drift]:
    """Compare a service with the render of its own version and answers; the team's files apart."""
    older = answers_of_older_services(template, service.commit)
    kept = {name: service.context[name] for name in older if name in service.context}
    with template.renders.held(service.commit, service.answers | kept) as place:
        [folder] = (place / FILES).iterdir()
        rendered = read_render(folder, service.skip)
    names = list_blobs(service.folder, service.tree)
    changed = {
        path: names.get(path)
        for path, content in rendered.items()
        if names.get(path) != name_blob(content, service.head)
    }
    contents = read_blobs(service.folder, filter(None, changed.values()))
    found = [
        compare(path, contents[name] if name else None, rendered[path])
        for path, name in changed.items()
    ]
    return sorted(filter(None, found), key=lambda drift: drift.path)


def read_render(folder: Path, skip: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of the files in a render that are the template's."""
    project = folder / "pyproject.toml"
    patterns = [*skip, *(read_skip(project.read_text("utf-8")) if project.exists() else [])]
    # As cruft reads them: a path, or a pattern if there is a star in it.
    skipped = {
        path
        for pattern in patterns
        for path in (folder.glob(pattern) if "*" in pattern else [folder / pattern])
    }
    files = (path for path in folder.rglob("*") if path.is_file())
    theirs = (path for path in files if skipped.isdisjoint([path, *path.parents]))
    return {str(path.relative_to(folder)): path.read_bytes() for path in theirs}


def compare(path: str, ours: bytes | None, theirs: bytes) -> Drift | None:
    """Return how far a file is from its render, if it is; line ends do not count."""
    if ours is None:
        return Drift(path, 0, len(theirs.splitlines()), deleted=True)
    if b"\0" in ours + theirs:
        return Drift(path, 0, 0)
    lines, before = ours.splitlines(), theirs.splitlines()
    if lines == before:
        return None
    blocks = SequenceMatcher(None, before, lines, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    return Drift(path, len(lines) - same, len(before) - same)
