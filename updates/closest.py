"""The release and the answers whose render is closest to a service that says neither."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from updates.asking import Read, Version, ask
from updates.commands import Refused
from updates.drift import Drift, compare
from updates.sketches import Sketches
from updates.state import Answers
from updates.template import Template
from updates.versions import Target

# A service of this template takes 10 to 30, of some 0.1 s each.
MOST = 200


@dataclass(frozen=True)
class Candidate:
    """A render, and what differs in the service; files that no render has do not count."""

    version: Version
    answers: Answers
    files: Mapping[str, bytes]
    changes: Sequence[Drift]

    @cached_property
    def lines(self) -> int:
        """The number of lines that differ."""
        return sum(each.added + each.removed for each in self.changes)

    @property
    def share(self) -> float:
        """The part of the lines of the render that the service has."""
        total = sum(len(content.splitlines()) for content in self.files.values())
        return 1 - sum(each.removed for each in self.changes) / max(total, 1)


class Search:
    """A search among versions of the template, old ones first, of which some answers are known."""

    def __init__(
        self,
        template: Template,
        targets: Sequence[Target],
        known: Mapping[str, str],
        read: Read,
        place: Path,
    ) -> None:
        self.read, self.sketches = read, Sketches(template, place)
        asked = (ask(self.sketches, template, target, known, read) for target in targets)
        self.versions = [*filter(None, asked)]
        paths = (self.sketches.open(each.target.commit).paths for each in self.versions)
        self.paths = {path for each in paths for path in each if read(path) is not None}
        self.measured: dict[str, Candidate] = {}
        self._drift: dict[tuple[str, bytes | None], Drift | None] = {}

    def find(self) -> Candidate:
        """Return the closest render, and of equal ones that of the newest version.

        Each version is tried with the answers that are likely; for the closest, one answer after
        the other is changed as long as that brings it closer, and all are tried with those.
        """
        found: Candidate | None = None
        while True:
            likely = found.answers if found else {}
            tried = [self.measure(each, each.begin(likely)) for each in self.versions[::-1]]
            # What was found is among them, behind newer versions that are as close.
            best = min(tried, key=lambda each: each.lines)
            if best is found:
                return best
            found = self.descend(best)

    def descend(self, best: Candidate) -> Candidate:
        """Return the closest that changes of one answer after the other lead to."""
        while True:
            start = best
            for name, values in start.version.choices.items():
                tried = [
                    self.measure(start.version, best.answers | {name: each}) for each in values
                ]
                best = min([best, *tried], key=lambda each: each.lines)
            if best is start:
                return best

    def measure(self, version: Version, answers: Answers) -> Candidate:
        """Render answers, and compare the service with that."""
        key = json.dumps([version.target.commit, answers], sort_keys=True)
        if key not in self.measured:
            if len(self.measured) == MOST:
                raise Refused(f"{MOST} renders did not show the closest: say --to and --answers.")
            files = self.sketches.read(version.target.commit, answers)
            paths = sorted({*files, *self.paths})
            changes = (self.compare(path, files.get(path)) for path in paths)
            self.measured[key] = Candidate(version, answers, files, [*filter(None, changes)])
        return self.measured[key]

    def compare(self, path: str, theirs: bytes | None) -> Drift | None:
        """Return how far a file is from a render, if it is."""
        key = (path, theirs)
        if key not in self._drift:
            self._drift[key] = compare(path, self.read(path), theirs or b"")
        return self._drift[key]
