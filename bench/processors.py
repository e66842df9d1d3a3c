"""What processes have of the processor, and what they may have of it."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

# So long that what a process finds in the caches of its core is mostly its own.
TURN_SECONDS = 0.1


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
def in_turn(pids: Sequence[int | None]) -> Iterator[None]:
    """Let one process at a time run until the block ends, and none in a turn that is nobody's."""
    is_over = threading.Event()
    running = [pid for pid in pids if pid is not None]
    _send(signal.SIGSTOP, running)
    thread = threading.Thread(target=_give_turns, args=(pids, is_over))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        _send(signal.SIGCONT, running)


def _give_turns(pids: Sequence[int | None], is_over: threading.Event) -> None:
    for pid in cycle(pids):
        turn = [] if pid is None else [pid]
        _send(signal.SIGCONT, turn)
        if is_over.wait(TURN_SECONDS):
            return
        _send(signal.SIGSTOP, turn)


def _send(number: int, pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, number)
