"""What processes have of the processor, and what they may have of it."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# So long that a process is not always one that has just been let go on, with nothing in its caches.
PERIOD = 0.05


def processor_seconds(pid: int) -> float:
    """Return what a process has had of the processor, with those that it began (Linux only)."""
    file = Path(f"/proc/{pid}/stat")
    if not file.exists():
        return 0.0
    # Its name, in brackets, may have spaces; proc(5) counts from one: 16 and 17 are of children
    # that have ended.
    fields = file.read_text("utf-8").rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return _own_seconds(pid) + ended + sum(map(processor_seconds, list_children(pid)))


def list_children(pid: int) -> list[int]:
    """Return the processes that a process has begun (Linux only)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    return list(map(int, children.split()))


def _own_seconds(pid: int) -> float:
    """Return what the threads of a process have had, more exactly than in hundredths."""
    nanoseconds = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        # It may have ended by now.
        with suppress(OSError):
            nanoseconds += int((task / "schedstat").read_text("utf-8").split()[0])
    return nanoseconds / 1e9


@contextmanager
def held_to(share: float, pids: list[int]) -> Iterator[None]:
    """Let each process have a share of a core until the block ends, by stopping it in between."""
    is_over = threading.Event()
    thread = threading.Thread(target=_hold, args=(share, pids, is_over))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _hold(share: float, pids: list[int], is_over: threading.Event) -> None:
    """Stop each process that has had its share until now, and let it go on when more is due."""
    began = time.perf_counter()
    before = {pid: _own_seconds(pid) for pid in pids}
    while not is_over.wait(PERIOD):
        elapsed = time.perf_counter() - began
        for number, pid in enumerate(pids):
            # One after the other, as far as it goes.
            due = elapsed * share - PERIOD * number / len(pids)
            is_due = _own_seconds(pid) - before[pid] < due
            os.kill(pid, signal.SIGCONT if is_due else signal.SIGSTOP)
