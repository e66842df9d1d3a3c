#!/usr/bin/env bash
# anyio 4.16.0: to_thread.run_sync(abandon_on_cancel=True) gives the token of its limiter back when
# its caller is cancelled, though the thread runs on; so a CapacityLimiter(1) bounds nothing where
# calls are cut by a timeout: five of them make five threads at once. Without abandon_on_cancel the
# limit holds, and the timeout does not: each waits until its thread has ended.
# Seen: 5 threads at once behind a limit of 1, and no token borrowed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "anyio==4.16.0"

"$folder/venv/bin/python" - <<'EOF'
import threading

import anyio
from anyio import CapacityLimiter, move_on_after, to_thread

CALLS = 5
come, done = threading.Semaphore(0), threading.Event()


def block():
    come.release()
    done.wait()


async def main():
    limiter = CapacityLimiter(1)
    for _ in range(CALLS):
        with move_on_after(0.1):
            await to_thread.run_sync(block, abandon_on_cancel=True, limiter=limiter)
    at_once = sum(come.acquire(timeout=1) for _ in range(CALLS))
    done.set()
    print(f"{at_once} threads at once behind a limit of 1, {limiter.borrowed_tokens} tokens borrowed")
    assert at_once == CALLS
    assert limiter.borrowed_tokens == 0


anyio.run(main)
EOF
