"""compose.production.yaml without containers: a real Traefik, and a certificate authority for it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import Message
from http.client import NOT_FOUND
from pathlib import Path
from typing import NamedTuple

import yaml
from browsing import missing
from composing import replace

from examples.serving import free_port
from reliability.certificates import make_certificates
from reliability.clients import BOUND, Host, until

DOMAIN = "example.org"
# It leads on, whatever is behind.
ROUTED = "/my-service"
# Somebody who is not Traefik.
CLIENT = "127.0.0.2"
# No connection of others, which begin at 127.0.0.1, takes a port there meanwhile.
HERE = "127.0.0.3"
# It would wait, and refuse some requests, to try its clients.
PATIENCE = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
TRAEFIK = Path(sys.executable).with_name("traefik")


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    body: bytes


class Proxy(NamedTuple):
    """A Traefik that listens in the place of the ports 80 and 443."""

    http: int
    https: int
    authority: ssl.SSLContext

    def ask(self, path: str, login: str = "", name: str = DOMAIN, **headers: str) -> Answer:
        """Request a path by HTTPS, as it stands."""
        with (
            socket.create_connection((HERE, self.https), BOUND, (CLIENT, 0)) as plain,
            self.authority.wrap_socket(plain, server_hostname=name) as connection,
        ):
            return self._send(
                connection, path, headers | ({"Authorization": login} if login else {})
            )

    def ask_by_http(self, path: str) -> Answer:
        """Request a path without TLS."""
        with socket.create_connection((HERE, self.http), BOUND) as connection:
            return self._send(connection, path, {})

    def _send(self, connection: socket.socket, path: str, headers: Mapping[str, str]) -> Answer:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = [f"GET {path} HTTP/1.1", f"Host: {DOMAIN}", "Connection: close", *lines, "", ""]
        connection.sendall("\r\n".join(head).encode())
        with http.client.HTTPResponse(connection, method="GET") as response:
            response.begin()
            return Answer(response.status, response.headers, response.read())


@contextmanager
def running(command: Sequence[str | Path], at: Host, log: Path, **variables: str) -> Iterator[None]:
    """Run a server until the block ends, and give it when it listens."""
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=os.environ | variables, stdout=file, stderr=file)
        try:
            until(lambda: listens(at) or process.poll() is not None)
            assert process.poll() is None, log.read_text("utf-8")
            yield
        finally:
            process.terminate()
            process.wait(BOUND)


@contextmanager
def proxying(
    command: Sequence[str],
    routes: str,
    folder: Path,
    trusted: ssl.SSLContext,
    *more: str,
    secure: int | None = None,
) -> Iterator[Proxy]:
    """Run Traefik by the flags of the file, and more of them, with these routes."""
    (folder / "routes.yaml").write_text(routes, "utf-8")
    web, ping = free_port(), free_port()
    secure = secure or free_port()
    places = {
        "web.address=:80": f"web.address={HERE}:{web}",
        "websecure.address=:443": f"websecure.address={HERE}:{secure}",
        "/acme/acme.json": str(folder / "acme.json"),
        "/etc/traefik/routes.yaml": str(folder / "routes.yaml"),
    }
    flags = replace("\n".join(command), places).splitlines()
    flags += [f"--entrypoints.traefik.address={HERE}:{ping}", *more]
    variables = {"LEGO_CA_CERTIFICATES": str(folder / "root.pem")}
    with running([TRAEFIK, *flags], (HERE, secure), folder / "traefik.log", **variables):
        proxy = Proxy(web, secure, trusted)
        until(lambda: is_ready(proxy))
        yield proxy


@contextmanager
def proxying_with_certificate(command: Sequence[str], routes: str, folder: Path) -> Iterator[Proxy]:
    """Run Traefik with a certificate for the domain, so that it asks nobody for one."""
    make_certificates(folder, "root", DOMAIN, stranger="stranger")
    read = yaml.safe_load(routes)
    files = {"certFile": str(folder / f"{DOMAIN}.pem"), "keyFile": str(folder / f"{DOMAIN}.key")}
    read["tls"]["certificates"] = [files]
    trusted = ssl.create_default_context(cafile=str(folder / "root.pem"))
    # It is of loopback, and has the domain as the name of its owner only.
    trusted.check_hostname = False
    with proxying(command, yaml.safe_dump(read), folder, trusted) as proxy:
        yield proxy


@contextmanager
def proxying_with_authority(command: Sequence[str], routes: str, folder: Path) -> Iterator[Proxy]:
    """Run Traefik, which gets its certificate of Debian's pebble, Let's Encrypt for tests."""
    pebble = shutil.which("pebble") or missing("pebble")
    names = shutil.which("pebble-challtestsrv") or missing("pebble-challtestsrv")
    make_certificates(folder, "root", "pebble", stranger="stranger")
    port, management, dns, unused, secure = (free_port() for _ in range(5))
    settings = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "pebble.pem"),
        "privateKey": str(folder / "pebble.key"),
        "tlsPort": secure,
    }
    config = folder / "pebble.json"
    config.write_text(json.dumps({"pebble": settings}), "utf-8")
    resolve = [names, f"-dns01={HERE}:{dns}", f"-defaultIPv4={HERE}", "-defaultIPv6="]
    resolve += ["-http01=", "-https01=", "-tlsalpn01=", f"-management={HERE}:{unused}"]
    issue = [pebble, "-config", str(config), "-dnsserver", f"{HERE}:{dns}"]
    trusted = ssl.create_default_context(cafile=str(folder / "root.pem"))
    with (
        running(resolve, (HERE, unused), folder / "names.log"),
        running(issue, ("127.0.0.1", port), folder / "pebble.log", **PATIENCE),
    ):
        address = f"https://127.0.0.1:{management}/roots/0"
        with urllib.request.urlopen(address, timeout=BOUND, context=trusted) as response:
            issued = ssl.create_default_context(cadata=response.read().decode())
        directory = (
            f"--certificatesresolvers.letsencrypt.acme.caserver=https://127.0.0.1:{port}/dir"
        )
        with proxying(command, routes, folder, issued, directory, secure=secure) as proxy:
            yield proxy


def listens(at: Host) -> bool:
    """Tell whether somebody listens there."""
    with socket.socket() as knock:
        return knock.connect_ex(at) == 0


def is_ready(proxy: Proxy) -> bool:
    """Tell whether a browser would trust it, and it has read its routes, which comes later."""
    try:
        return proxy.ask(ROUTED).status != NOT_FOUND
    except ssl.SSLError:
        return False
