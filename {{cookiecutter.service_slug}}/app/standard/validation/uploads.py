"""A file that a client sent."""

import asyncio
from tempfile import SpooledTemporaryFile
from typing import Any

from pydantic_core.core_schema import CoreSchema, is_instance_schema

from app.standard.validation.keywords import FILE

# What is larger waits on the disk.
IN_MEMORY_BYTES = 256 * 1024


class Upload:
    """A file of a form, as its handler gets it; what is large is on the disk."""

    def __init__(self, name: str | None, media_type: str) -> None:
        self.name = name
        self.media_type = media_type
        self.size = 0
        # Closed when nothing refers to this any more.
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

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:
        return is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", FILE: True}

    def __del__(self) -> None:
        self._file.close()

    def __repr__(self) -> str:
        return f"Upload(name={self.name!r}, media_type={self.media_type!r}, size={self.size})"
