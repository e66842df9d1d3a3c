"""What becomes of a job that goes wrong, or takes its worker with it."""

from __future__ import annotations

import signal
import time

from reliability.clients import until
from reliability.conftest import Work
from reliability.queues import Queue


def test_job_is_run_at_once(work: Work, queue: Queue) -> None:
    with work(queue.url):
        [job] = queue.put("step", seconds=0)
        queue.wait_until_empty()

    assert queue.events(job) == [("began", 1), ("ended", 1)]
