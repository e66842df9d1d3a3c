"""Code that blocks, such as a synchronous client: it runs in threads, so many at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import ParamSpec, TypeVar

from app.standard.service.application import Application, current_application

P = ParamSpec("P")
T = TypeVar("T")


async def run_blocking(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function in a thread, in the context of the request, and return what it returns.

    ``BLOCKING_THREADS`` run at once; others wait, for as long as their requests may take. What
    has begun is not cancelled with its request; the end of the process does not wait for it.
    """
    threads = current_application().resource(BlockingThreads)
    return await threads.run(partial(copy_context().run, function, *args, **kwargs))


def add_blocking_threads(application: Application) -> None:
    """Have threads for code that blocks while the application runs."""

    @asynccontextmanager
    async def keep() -> AsyncIterator[None]:
        threads = BlockingThreads(application.settings.blocking_threads)
        application.resources[BlockingThreads] = threads
        yield
        # A test may run an application twice at once.
        application.resources.pop(BlockingThreads, None)
        threads.end()

    application.lifespans.append(keep)


class BlockingThreads:
    """The threads of an event loop; each is started when it is needed, and kept.

    The end of the process would wait for those of ``concurrent.futures``; and to AnyIO, the place
    of a call that was cancelled is free, though its thread runs on.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._places = asyncio.Semaphore(count)
        self._started = self._busy = 0
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    async def run(self, call: Callable[[], T]) -> T:
        """Return the result of a call, when it was its turn."""
        if self._busy == self._started < self._count:
            Thread(target=self._work, name="blocking", daemon=True).start()
            self._started += 1
        await self._places.acquire()
        self._busy += 1
        # The place is taken until the thread has ended, whoever still waits for it.
        return await asyncio.shield(self._begin(call))

    def end(self) -> None:
        """End the threads, each after its call."""
        for _ in range(self._started):
            self._calls.put(None)

    def _begin(self, call: Callable[[], T]) -> asyncio.Future[T]:
        result: Future[T] = Future()
        ended = asyncio.wrap_future(result)
        ended.add_done_callback(self._free)
        self._calls.put(partial(_run, call, result))
        return ended

    def _free(self, _ended: object) -> None:
        self._busy -= 1
        self._places.release()

    def _work(self) -> None:
        while call := self._calls.get():
            call()
            # Nothing of a request stays until the next one.
            del call


def _run(call: Callable[[], T], result: Future[T]) -> None:
    try:
        result.set_result(call())
    except BaseException as error:
        result.set_exception(error)
        # Otherwise it and its traceback would hold each other, and all that the call held.
        del result
