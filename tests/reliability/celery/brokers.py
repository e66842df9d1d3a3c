"""Debian's RabbitMQ and Redis, each on a free port and with a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browsing import missing

from examples.serving import free_port
from reliability.clients import BOUND, until
from reliability.pgbouncer import listens

# Debian's own, without the script above it, which would become another user.
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
# A broker with a certificate listens there, too, and its certificate does not say so.
UNNAMED = "127.0.0.2"


class OwnBroker:
    """A broker that can be killed, and started again with what it had written."""

    def __init__(self, url: str, port: int, command: list[str], folder: Path, **more: str) -> None:
        self.url = url
        self.log = folder / "log"
        self._port, self._command, self._folder = port, command, folder
        self._variables = {**os.environ, "HOME": str(folder), **more}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when somebody listens there."""
        with self.log.open("ab") as log:
            process = self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._variables,
                stdout=log,
                stderr=log,
                # Its processes end with it.
                start_new_session=True,
            )
        until(lambda: listens(self._port) or process.poll() is not None, BOUND * 2)
        assert process.poll() is None, self.log.read_text("utf-8")

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(BOUND)
            self._process = None


@contextmanager
def rabbitmq(folder: Path, certificates: Path | None = None) -> Iterator[OwnBroker]:
    """Run RabbitMQ in a folder; with certificates, it speaks TLS alone."""
    if not RABBITMQ.exists():
        missing("rabbitmq-server")
    port, names = free_port(), free_port()
    variables = {
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_NODENAME": f"tests{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
    }
    if certificates is not None:
        variables["RABBITMQ_CONFIG_FILE"] = str(folder / "rabbitmq.conf")
        (folder / "rabbitmq.conf").write_text(
            "listeners.tcp = none\n"
            f"listeners.ssl.1 = 127.0.0.1:{port}\n"
            f"listeners.ssl.2 = {UNNAMED}:{port}\n"
            f"ssl_options.cacertfile = {certificates / 'authority.pem'}\n"
            f"ssl_options.certfile = {certificates / 'broker.pem'}\n"
            f"ssl_options.keyfile = {certificates / 'broker.key'}\n"
        )
    command = ["epmd", "-port", str(names), "-address", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as epmd:
        scheme = "amqp" if certificates is None else "amqps"
        url = f"{scheme}://guest:guest@127.0.0.1:{port}//"
        broker = OwnBroker(url, port, [str(RABBITMQ)], folder, **variables)
        try:
            # Otherwise RabbitMQ would start one that nobody ends.
            until(lambda: listens(names))
            broker.start()
            yield broker
        finally:
            broker.kill()
            epmd.kill()


@contextmanager
def redis(folder: Path, certificates: Path | None = None) -> Iterator[OwnBroker]:
    """Run Redis in a folder; it writes down each message before it answers.

    With certificates, it speaks TLS alone.
    """
    program = shutil.which("redis-server") or missing("redis-server")
    port = free_port()
    options = ["--appendonly", "yes", "--appendfsync", "always", "--bind", "127.0.0.1"]
    if certificates is None:
        scheme, ports = "redis", ["--port", str(port)]
    else:
        options.append(UNNAMED)
        scheme, ports = "rediss", ["--port", "0", "--tls-port", str(port)]
        files = {"cert": "broker.pem", "key": "broker.key", "ca-cert": "authority.pem"}
        for kind, name in files.items():
            ports += [f"--tls-{kind}-file", str(certificates / name)]
        ports += ["--tls-auth-clients", "no"]
    command = [program, "--dir", str(folder), *ports, *options]
    broker = OwnBroker(f"{scheme}://127.0.0.1:{port}/0", port, command, folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


BROKERS = {"rabbitmq": rabbitmq, "redis": redis}
