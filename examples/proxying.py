"""Debian's nginx in front of replicas of a service."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.serving import STOP_SECONDS, free_port, wait_until_listening

# Users other than root often have no /usr/sbin on their path.
PROGRAM = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
# Those of the package are root's.
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
CONFIGURATION = """\
daemon off;
pid {folder}/pid;
worker_processes 1;
events {{}}
http {{
  access_log off;
  keepalive_requests 1000000;
  proxy_max_temp_file_size 0;
  {temporary}
  upstream service {{
    {balance}
    {servers}
    keepalive 32;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      {options}
    }}
  }}
}}
"""


class Proxy:
    """An nginx, which can be told of other replicas while it runs."""

    def __init__(self, folder: Path, options: tuple[str, ...], balance: str) -> None:
        self.port = free_port()
        self.pid = 0
        self._folder = folder
        self._options = options
        self._balance = balance

    def write(self, servers: Iterable[str]) -> Path:
        """Write its configuration, for servers such as ``127.0.0.1:8080 max_fails=0``."""
        temporary = [f"{kind}_temp_path {self._folder / kind};" for kind in TEMPORARY]
        text = CONFIGURATION.format(
            folder=self._folder,
            port=self.port,
            temporary="\n  ".join(temporary),
            balance=self._balance,
            servers="\n    ".join(f"server {server};" for server in servers),
            options="\n      ".join(f"{option};" for option in self._options),
        )
        file = self._folder / "nginx.conf"
        file.write_text(text, "utf-8")
        return file

    def use(self, servers: Iterable[str]) -> None:
        """Have requests sent to these servers; return when no other has one any more."""
        before = self._workers()
        self.write(servers)
        os.kill(self.pid, signal.SIGHUP)
        deadline = time.monotonic() + STOP_SECONDS
        while before & self._workers():
            if time.monotonic() > deadline:
                raise TimeoutError(f"requests have not ended after {STOP_SECONDS} seconds")
            time.sleep(0.02)

    def _workers(self) -> set[int]:
        """Return the processes that serve: one, and of each ``use`` before, until it is done."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return {int(child) for child in children.read_text("utf-8").split()}


@contextmanager
def proxying(
    folder: Path, servers: Iterable[str], *options: str, balance: str = ""
) -> Iterator[Proxy]:
    """Run nginx until the block ends, with more options for its location.

    ``balance`` is such as ``least_conn;``: without it, servers take turns with each request.
    """
    if not PROGRAM:
        raise FileNotFoundError("nginx is missing: install Debian's package of that name")
    proxy = Proxy(folder, options, balance)
    command = [PROGRAM, "-e", "stderr", "-c", str(proxy.write(servers))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    proxy.pid = process.pid
    try:
        wait_until_listening(proxy.port, process)
        yield proxy
    finally:
        # Not killed: it would leave its workers behind.
        process.terminate()
        process.wait(STOP_SECONDS)
