# Celery is only where the benchmark runs.
# mypy: disable-error-code="import-not-found, import-untyped, untyped-decorator, unused-ignore"
"""Celery on Redis, as its First Steps start it."""

import os
import sys
import time

from celery import Celery
from redis import Redis

BROKER = os.environ["BROKER"]
app = Celery("tasks", broker=BROKER)


@app.task(name="do_nothing")
def do_nothing() -> None:
    """Do nothing."""


def enqueue() -> None:
    """Enqueue so many jobs, or wait until the last one is with the process that runs it."""
    redis = Redis.from_url(BROKER)
    for line in sys.stdin:
        for _ in range(int(line)):
            do_nothing.delay()
        if not int(line):
            while redis.llen("celery") or redis.hlen("unacked"):
                time.sleep(0.01)
        print("done", flush=True)


if __name__ == "__main__":
    enqueue()
