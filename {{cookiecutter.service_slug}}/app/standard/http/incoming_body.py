"""The body of a request, from its arrival until it is read; what is large is on the disk."""

import re
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

from starlette.exceptions import HTTPException
from starlette.types import Message, Scope

# What is larger waits on the disk, and is read in blocks.
IN_MEMORY_BYTES = 1024 * 1024
BLOCK_BYTES = 64 * 1024
Headers = list[tuple[bytes, bytes]]
HEADERS_OF_BODY = frozenset({b"content-length", b"transfer-encoding"})
LENGTH = re.compile(rb"[0-9]{1,18}")


class IncomingBody:
    """The bytes of a body: written as they arrive, then read from the start."""

    def __init__(self) -> None:
        self.size = 0
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self.is_read = False
        self._unread = 0

    def write(self, chunk: bytes) -> None:
        """Append a chunk."""
        self.size += len(chunk)
        self._memory += chunk
        if len(self._memory) > IN_MEMORY_BYTES:
            self._to_file()

    def rewind(self) -> None:
        """Go to the start, where reading begins."""
        self._unread = self.size
        if self._file is not None:
            self._to_file().seek(0)

    def read(self) -> Message:
        """Return the next block as the message that a server sends; a small body is one."""
        if self._file is not None:
            block = self._file.read(BLOCK_BYTES)
        else:
            # Given away once, it is freed as soon as nobody needs it.
            block, self._memory = bytes(self._memory), bytearray()
        self._unread -= len(block)
        self.is_read = self._unread <= 0
        return {"type": "http.request", "body": block, "more_body": not self.is_read}

    def as_file(self) -> IO[bytes]:
        """Return the whole as a file, which is closed with this."""
        self.rewind()
        return BytesIO(self._memory) if self._file is None else self._file

    def _to_file(self) -> IO[bytes]:
        if self._file is None:
            # Closed when nothing refers to this any more.
            self._file = TemporaryFile()  # noqa: SIM115
        self._file.write(self._memory)
        self._memory = bytearray()
        return self._file

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()


def has_body(scope: Scope) -> bool:
    """Tell whether to wait for a body, which the head announces (RFC 9112, section 6.3).

    Callers in process, and HTTP/2, may not; of them, none is expected that only reads.
    """
    if scope.get("method") not in ("GET", "HEAD"):
        return True
    return not HEADERS_OF_BODY.isdisjoint([name for name, _ in scope["headers"]])


def content_length(scope: Scope) -> int | None:
    """Return what the head says of the body's length, if it does; refuse what is no number.

    The server has looked at it (RFC 9110, section 8.6), but what calls in process has not.
    """
    for name, value in scope["headers"]:
        if name == b"content-length":
            if not LENGTH.fullmatch(value):
                raise HTTPException(400, "The Content-Length is no number.")
            return int(value)
    return None


def with_length(headers: Headers, length: int | None, size: int) -> Headers:
    """Return the headers with the length of a body that came without one."""
    # {% if cookiecutter.framework != "fastapi" %}
    # Connexion takes such a body for none (https://github.com/spec-first/connexion/issues/2020).
    # {% endif %}
    if length is not None:
        return headers
    kept = [each for each in headers if each[0] != b"transfer-encoding"]
    if not size and len(kept) == len(headers):
        return headers
    return [*kept, (b"content-length", str(size).encode())]
