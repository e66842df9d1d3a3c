"""What migrations make of the old render and of the service, before the trees meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from updates.blobs import list_blobs, read_blobs
from updates.formats.formatters import Formatter, find_formatter
from updates.migrating import Migration
from updates.service import Service


@dataclass(frozen=True)
class Migrated:
    """The files of the service that migrations changed, and what there is to say about it."""

    # Without a content, the file is gone.
    files: dict[str, bytes | None]
    sentences: Sequence[str] = ()
    steps: Sequence[str] = ()

    def report(self) -> list[str]:
        """Say what was done, and what is left to do."""
        parts = {"Migrations changed code of this service:": self.sentences}
        parts["Left to do, which no migration can:"] = self.steps
        return [
            "\n".join([title, *(f"- {each}" for each in lines)])
            for title, lines in parts.items()
            if lines
        ]


def migrate(service: Service, migrations: Sequence[Migration], old: Path, place: Path) -> Migrated:
    """Run migrations over the old render and over the files of the service."""
    if not migrations:
        return Migrated({})
    formatter = find_formatter(service)
    blobs = list_blobs(service.folder, service.tree)
    contents = read_blobs(service.folder, blobs.values())
    before = {path: contents[name] for path, name in blobs.items()}
    folder = place / "service"
    write(folder, before)
    rendered = read(old)
    sentences: list[str] = []
    steps: list[str] = []
    for migration in migrations:
        migration.run(old)
        state = read(folder)
        steps += migration.run(folder)
        sentences += [migration.sentence] * (read(folder) != state)
    tidy(formatter, old, rendered, place / "old-before")
    tidy(formatter, folder, before, place / "service-before")
    after = read(folder)
    changed = {
        path: after.get(path) for path in before | after if before.get(path) != after.get(path)
    }
    return Migrated(changed, sentences, steps)


def tidy(formatter: Formatter, folder: Path, before: dict[str, bytes], place: Path) -> None:
    """Format what migrations changed, if it was formatted before they did."""
    changed = [path for path, content in read(folder).items() if before.get(path) != content]
    sources = [path for path in changed if path.endswith(".py")]
    if not sources:
        return
    settings = {path: before[path] for path in formatter.settings if path in before}
    known = {path: before[path] for path in sources if path in before}
    write(place, known | settings)
    if formatter.run([place]):
        return
    dirty = {path for path in known if (place / path).read_bytes() != before[path]}
    formatter.run([folder], [path for path in sources if path not in dirty], idle=True)


def read(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files in a folder."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
