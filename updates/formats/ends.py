"""How the lines and the files of a service end, which its renders follow."""

from __future__ import annotations

import re
from pathlib import Path

from updates.blobs import list_blobs, name_blob, read_blobs


def follow_ends(repository: Path, tree: str, *renders: Path) -> None:
    """Give the rendered files the line ends and the last line breaks that they have in a tree."""
    blobs = list_blobs(repository, tree)
    differing: dict[Path, str] = {}
    for render in renders:
        for path, name in blobs.items():
            file = render / path
            if file.is_file() and name_blob(file.read_bytes(), name) != name:
                differing[file] = name
    contents = read_blobs(repository, differing.values())
    for file, name in differing.items():
        if b"\0" not in contents[name]:
            file.write_bytes(end_like(contents[name], file.read_bytes()))


def end_like(theirs: bytes, content: bytes) -> bytes:
    """Return a content that ends as another one does; one with both kinds of lines has no say."""
    body = theirs.rstrip(b"\r\n")
    if body and content:
        last = theirs[len(body) :].replace(b"\r\n", b"\n")
        content = content.rstrip(b"\r\n") + last
    if b"\r\n" in theirs and not re.search(rb"(?<!\r)\n", theirs):
        content = re.sub(rb"\r?\n", b"\r\n", content)
    return content
