"""Seeds of an older version, when an answer changes.

Updates leave a seed as it was made. So what this version writes with the old answers may be far
from what the team began with, and the way to the new answers may meet what nobody changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from updates.blobs import read_files
from updates.commands import Refused
from updates.following import bring_up
from updates.merging import Way, choose_renders
from updates.origins import Origin, find_origins, write_them
from updates.service import Service, read_skip
from updates.state import Answers
from updates.template import Template
from updates.versions import Target

PROSE = ".md"
CAME_ALONG = "These seeds were of an older version, and came along to this one:"


@dataclass(frozen=True)
class Seeds:
    """What the team has of the seeds, and what this version writes by the old and new answers."""

    ours: Mapping[str, bytes]
    old: Mapping[str, bytes]
    new: Mapping[str, bytes]

    def is_stuck(self, path: str) -> bool:
        """Tell whether the change of the answers would leave markers in a seed."""
        way = self.old.get(path), self.new.get(path)
        return way[0] != way[1] and not merges(self.ours[path], way)


def find_ways_of_seeds(
    service: Service,
    template: Template,
    target: Target,
    answers: Answers,
    wanted: Collection[str],
) -> tuple[dict[str, Way], str]:
    """Return for seeds that would have markers another way to the new answers, which has none.

    The text says which of them are now as this version writes them.
    """
    before, after = choose_renders(service, template, target, answers)
    template.prepare(before, after)
    old, new = (template.renders.read(*kind) for kind in (before, after))
    paths = {path for render in (old, new) for path in read_skip(render["pyproject.toml"].decode())}
    seeds = Seeds(read_files(service.folder, service.tree, paths), old, new)
    stuck = {*filter(seeds.is_stuck, seeds.ours)}
    if not stuck:
        return {}, ""
    with tempfile.TemporaryDirectory() as scratch:
        origins = find_origins(service, template, before[1], seeds.ours, Path(scratch))
        asked = [
            (commit, after[1])
            for commit in sorted({origins[path].commit for path in stuck & origins.keys()})
            if {*wanted} <= {*template.questions(commit, hidden=True)}
        ]
        written = write_them(service, template, asked, Path(scratch) / "after")
        later = {commit: files for (commit, _), files in written}
    ways = choose_ways(seeds, stuck & origins.keys(), origins, later)
    came = [f"- {path}" for path in sorted(ways) if ways[path][1] == new.get(path, b"")]
    return ways, "\n".join([CAME_ALONG, *came]) if came else ""


def choose_ways(
    seeds: Seeds,
    stuck: Collection[str],
    origins: Mapping[str, Origin],
    later: Mapping[str, Mapping[str, bytes]],
) -> dict[str, Way]:
    """Return the ways that merge: of the release that made a seed, or else from it to this version."""
    # Files of code use each other: they come along together, or not at all.
    changed = {
        path
        for path, origin in origins.items()
        if not path.endswith(PROSE) and origin.files[path] != seeds.old.get(path)
    }
    as_made = {path for path in origins if seeds.ours[path] == origins[path].files[path]}
    ways: dict[str, Way] = {}
    for path in sorted(stuck):
        made, origin = origins[path].files[path], origins[path].commit
        goal = seeds.new.get(path)
        possible = [(made, later[origin].get(path))] if origin in later else []
        if path.endswith(PROSE) or changed <= as_made or (path in as_made and goal is None):
            possible.append((made, goal))
        if good := [way for way in possible if merges(seeds.ours[path], way)]:
            ways[path] = good[0]
    if any(ways[path][1] == seeds.new.get(path, b"") for path in ways.keys() & changed):
        together = (changed - ways.keys()) & seeds.new.keys()
        ways |= {path: (seeds.ours[path], seeds.new[path]) for path in together}
    return ways


def merges(content: bytes, way: Way) -> bool:
    """Tell whether a way can be brought into a file without markers."""
    start, end = way
    if start is None:
        return False
    with suppress(Refused):
        return content == start or bool(bring_up(content, start, end))
    return False
