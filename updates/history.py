"""Where a migration of the template stands among the service's own: behind the newest of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from updates.blobs import list_blobs, read_blobs
from updates.service import Service

VERSIONS = "alembic/versions"
REVISION = re.compile(rb"^revision(?:: [^=\n]+)? = (.+)$", re.MULTILINE)
EARLIER = re.compile(rb"^(down_revision(?:: [^=\n]+)? = )(.+)$", re.MULTILINE)
NAME = re.compile(rb"[\"']([^\"']+)[\"']")


def follow_history(service: Service, old: Path, new: Path) -> None:
    """Have migrations of both renders follow what they follow in the service.

    Those that are new there follow the service's newest, in their order, and one that follows a
    migration which leaves, what that followed. A service whose own have several ends, or none, is
    left to its team.
    """
    if not (new / VERSIONS).exists():
        return
    ours = read_migrations(service)
    leaving = [
        content
        for name, content in ours.items()
        if (old / VERSIONS / name).exists() and not (new / VERSIONS / name).exists()
    ]
    for folder, gone in ((old, []), (new, leaving)):
        for file in (folder / VERSIONS).glob("*.py"):
            if known := EARLIER.search(ours.get(file.name, b"")):
                let_follow(file, skip(known[2], gone))
    contents = {
        file: content
        for file, content in in_order(new).items()
        if file.name not in ours and not (old / VERSIONS / file.name).exists()
    }
    heads = names_in(REVISION, ours.values()) - names_in(EARLIER, ours.values())
    if len(heads) == 1:
        among_them = names_in(REVISION, contents.values())
        for file, content in contents.items():
            if not names_in(EARLIER, [content]) & among_them:
                let_follow(file, b'"%s"' % heads.pop())
            heads = names_in(REVISION, [content])


def in_order(render: Path) -> dict[Path, bytes]:
    """Return the migrations of a render, each behind those that it follows."""
    contents = {file: file.read_bytes() for file in sorted((render / VERSIONS).glob("*.py"))}

    def depth(content: bytes) -> int:
        followed = names_in(EARLIER, [content])
        earlier = [c for c in contents.values() if names_in(REVISION, [c]) & followed]
        return 1 + max(map(depth, earlier), default=0)

    return dict(sorted(contents.items(), key=lambda each: depth(each[1])))


def read_migrations(service: Service) -> Mapping[str, bytes]:
    """Return the contents of the service's migrations, by the names of their files."""
    blobs = {
        Path(path).name: blob
        for path, blob in list_blobs(service.folder, service.tree).items()
        if re.fullmatch(rf"{VERSIONS}/[^/]+\.py", path)
    }
    contents = read_blobs(service.folder, blobs.values())
    return {name: contents[blob] for name, blob in blobs.items()}


def names_in(pattern: re.Pattern[bytes], contents: Iterable[bytes]) -> set[bytes]:
    """Return the revisions that the lines of a pattern name."""
    lines = (found[pattern.groups] for content in contents if (found := pattern.search(content)))
    return {name for line in lines for name in NAME.findall(line)}


def skip(earlier: bytes, gone: list[bytes]) -> bytes:
    """Return what is there of the migrations that one follows, by way of those that are gone."""
    for content in gone:
        followed = EARLIER.search(content)
        if followed and names_in(REVISION, [content]) & {*NAME.findall(earlier)}:
            return skip(followed[2], [other for other in gone if other is not content])
    return earlier


def let_follow(file: Path, earlier: bytes) -> None:
    """Write what a migration follows."""
    content = file.read_bytes()
    file.write_bytes(EARLIER.sub(lambda found: found[1] + earlier, content, count=1))
