"""The release that made a seed of a service, which no update changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from updates.commands import Refused
from updates.drift import compare
from updates.formats.formatters import find_formatter
from updates.migrated import read, tidy
from updates.migrating import choose_migrations
from updates.renders import Kind
from updates.service import Service
from updates.state import Answers
from updates.template import Template
from updates.versions import Target


@dataclass(frozen=True)
class Origin:
    """A release, and what it writes by the old answers of a change."""

    commit: str
    files: Mapping[str, bytes]

    def distance(self, path: str, content: bytes) -> int:
        """Return how many lines a file of the service is away from what this release writes."""
        drift = compare(path, content, self.files[path])
        return drift.added + drift.removed if drift else 0


def find_origins(
    service: Service,
    template: Template,
    answers: Answers,
    contents: Mapping[str, bytes],
    scratch: Path,
) -> dict[str, Origin]:
    """Return for each file the closest of the releases before the version of the service.

    Of equal ones it is the newest. What they write is migrated as the service was.
    """
    kinds = [
        (release.commit, answers)
        for release in reversed(template.releases.values())
        if release.commit != service.commit and template.contains(service.commit, release.commit)
    ]
    origins = [
        Origin(kind[0], files)
        for kind, files in write_them(service, template, kinds, scratch / "before")
    ]
    found = {}
    for path, content in contents.items():
        if known := [origin for origin in origins if path in origin.files]:
            found[path] = min(known, key=lambda origin: origin.distance(path, content))
    return found


def write_them(
    service: Service, template: Template, kinds: Sequence[Kind], scratch: Path
) -> Iterator[tuple[Kind, Mapping[str, bytes]]]:
    """Give what releases write, as migrations leave it; those that refuse the answers are left out."""
    with suppress(Refused):
        template.prepare(*kinds)
    for number, kind in enumerate(kinds):
        with suppress(Refused):
            place = scratch / str(number)
            place.mkdir(parents=True)
            folder, _ = template.render(*kind, place / "render")
            before = read(folder)
            here = Target("", service.commit)
            for migration in choose_migrations(template, kind[0], here, place):
                migration.run(folder)
            tidy(find_formatter(service), folder, before, place / "before")
            yield kind, read(folder)
