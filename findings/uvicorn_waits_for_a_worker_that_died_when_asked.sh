#!/usr/bin/env bash
# uvicorn 0.54.0: a worker that dies while the main process waits for its sign of life, as when the
# kernel kills one that hangs for want of memory, is replaced only after the whole
# --timeout-worker-healthcheck, and SIGTERM is not heard until then: the main process holds the
# worker's end of their pipe too, so that it never ends. One that dies at another time is replaced
# within a second.
# Seen, with 8 seconds for a sign of life: replaced after 0.4 s, and after 7.6 s.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "uvicorn==0.54.0"
cat > "$folder/app.py" <<'EOF'
async def app(scope, receive, send):
    """Take part in the lifespan, and in nothing else."""
    while scope["type"] == "lifespan":
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
EOF

cd "$folder"
"$folder/venv/bin/python" - <<'EOF'
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 8
COMMAND = [sys.executable, "-m", "uvicorn", "app:app", "--port=0", "--workers=2"]


def workers():
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    commands = ((each, Path(f"/proc/{each}/cmdline")) for each in children)
    return {int(each) for each, file in commands if b"spawn_main" in file.read_bytes()}


def kill(asked):
    worker = min(workers())
    if asked:
        os.kill(worker, signal.SIGSTOP)
        time.sleep(1)
    os.kill(worker, signal.SIGKILL)
    began = time.monotonic()
    while len(workers() - {worker}) < 2:
        time.sleep(0.05)
    time.sleep(2)
    return time.monotonic() - began - 2


server = subprocess.Popen([*COMMAND, f"--timeout-worker-healthcheck={SECONDS}"])
try:
    while len(workers()) < 2:
        time.sleep(0.05)
    time.sleep(2)
    found = [kill(asked) for asked in (False, True)]
finally:
    server.terminate()
    server.wait()
print("replaced after {:.1f} s, and after {:.1f} s".format(*found))
assert found[0] < SECONDS / 2 < found[1]
EOF
