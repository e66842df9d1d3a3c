"""A file that a client sent."""

import asyncio
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Any

# What is larger waits on the disk.
IN_MEMORY_BYTES = 256 * 1024


class Upload:
    """A file of a form, as its handler gets it; it is gone when the response has ended."""

    def __init__(self, name: str | None, media_type: str) -> None:
        self.name = name
        self.media_type = media_type
        self.size = 0
        # Not closed here: the request that it came with closes it.
        self._file = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115

    def write(self, chunk: bytes) -> None:
        """Append a chunk, as it arrives."""
        self._file.write(chunk)
        self.size += len(chunk)

    def rewind(self) -> None:
        """Go to the start, where reading begins."""
        self._file.seek(0)

    async def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, or the rest; none at the end."""
        if self.size <= IN_MEMORY_BYTES:
            return self._file.read(size)
        return await asyncio.to_thread(self._file.read, size)

    def content(self) -> bytes:
        """Return everything, without waiting for the disk."""
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        """Free what it takes."""
        self._file.close()

    def __repr__(self) -> str:
        return f"Upload(name={self.name!r}, media_type={self.media_type!r}, size={self.size})"


def close_uploads(value: Any) -> None:
    """Free the files in a value."""
    if isinstance(value, Upload):
        with suppress(OSError):
            value.close()
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            close_uploads(each)
