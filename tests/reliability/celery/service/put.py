# It runs in a service, where its imports are.
# mypy: ignore-errors
"""Enqueue jobs as the service does, and print their ids: ``put.py TASK COUNT ARGUMENTS``."""

import asyncio
import json
import sys

from app import tasks
from app.standard import service, worker
from app.standard.framework.lifespan import run_lifespans
from app.standard.service import Application, load_settings, make_current
from config import Settings


async def main(name, count, arguments):
    """Enqueue so many jobs of a task."""
    application = Application(settings=load_settings(Settings), contract={})
    for module in (service, worker):
        module.init_app(application)
    make_current(application)
    async with run_lifespans(application, None):
        for _ in range(int(count)):
            print(await worker.enqueue(getattr(tasks, name), **json.loads(arguments)))


asyncio.run(main(*sys.argv[1:]))
