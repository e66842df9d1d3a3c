"""What the template changed since an answer went, at both ends of the way back."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from updates.commands import Refused, git
from updates.merging import Way, fill_in
from updates.service import Service
from updates.state import Answers
from updates.template import Template
from updates.versions import Target

# What the template wrote, and what it writes now.
Renders = tuple[Mapping[str, bytes], Mapping[str, bytes]]


@dataclass(frozen=True)
class Change:
    """The newest change of answers away from some: the service before it and after it."""

    before: Service
    after: Service


def read_changes(
    service: Service, template: Template, change: Change, answers: Answers
) -> Sequence[Renders]:
    """Return what the template writes, then and now: without the answer, and with it."""
    here = Target("", service.commit)
    without, wanted = fill_in(service, template, here, answers)
    then = [fill_in(each, template, here, None)[0] for each in (change.after, change.before)]
    commits = (change.before.commit, service.commit)
    kinds = [
        [(commit, context) for commit, context in zip(commits, contexts, strict=True)]
        for contexts in zip(then, (without, wanted), strict=True)
    ]
    template.prepare(*(kind for pair in kinds for kind in pair))
    renders = [[template.renders.read(*kind) for kind in pair] for pair in kinds]
    return [(before, now) for before, now in renders]


def follow(path: str, way: Way, changes: Sequence[Renders]) -> Way | None:
    """Return a way with what the template changed since at both of its ends, if that merges."""
    try:
        start, end = (
            bring_up(content, then.get(path), now.get(path))
            for content, (then, now) in zip(way, changes, strict=True)
        )
    except Refused:
        return None
    return start, end


def bring_up(content: bytes | None, then: bytes | None, now: bytes | None) -> bytes | None:
    """Return a file with what the template changed in it; raise where that meets edits."""
    if content is None or then == now:
        return content
    if then is None or now is None:
        raise Refused("The template has it no more, or has it only now.")
    with tempfile.TemporaryDirectory() as scratch:
        files = [Path(scratch, name) for name in ("content", "then", "now")]
        for file, text in zip(files, (content, then, now), strict=True):
            file.write_bytes(text)
        git("merge-file", "--quiet", *files, cwd=Path(scratch))
        return files[0].read_bytes()
