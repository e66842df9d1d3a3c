"""Routes in code, of each kind that the tests are about, and what they have done."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Query
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel

from app.standard.http import ServiceError
from app.standard.service import current_application

router = APIRouter()
below = APIRouter(prefix="/below", tags=["below"])
done: list[str] = []


class Taken(ServiceError):
    """A failure that the client may know of."""

    status = 409
    title = "It is taken"


class Crate(BaseModel):
    """What is sent."""

    name: str
    sizes: list[int] = []


def context() -> dict[str, Any]:
    """Return what a request's context says."""
    return {
        "request_id": structlog.contextvars.get_contextvars()["request_id"],
        "environment": current_application().settings.environment,
    }


async def opened() -> AsyncIterator[str]:
    """Give a text, and note when that is taken back."""
    try:
        yield "open"
    finally:
        done.append("closed")


Opened = Annotated[str, Depends(opened)]


@router.get("/crates/{number}")
async def read_crate(number: int, state: Opened, limit: Annotated[int, Query(le=9)] = 5) -> Any:
    return {"number": number, "state": state, "limit": limit}


@router.post("/crates", status_code=201)
async def add_crate(crate: Crate) -> Crate:
    return crate


@router.get("/gone")
async def gone() -> None:
    raise HTTPException(410, "It is gone.", {"X-Gone": "yes"})


@router.get("/taken")
async def taken(_state: Opened) -> None:
    raise Taken("Take another.")


@router.get("/broken-code")
async def broken_code(_state: Opened) -> None:
    raise RuntimeError("the disk is full")


@router.get("/broken-answer", response_model=Crate)
async def broken_answer() -> dict[str, str]:
    return {"sizes": "a secret"}


@router.get("/in-a-thread")
def in_a_thread() -> dict[str, Any]:
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    return context()


@router.get("/in-the-background")
async def in_the_background(tasks: BackgroundTasks) -> None:
    tasks.add_task(lambda: done.append(context()["request_id"]))


@router.get("/streamed")
async def streamed() -> StreamingResponse:
    def produce() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    return StreamingResponse(produce(), media_type="text/plain")


@router.get("/endless")
async def endless() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        done.append("ended")


@below.get("/{name}", response_class=PlainTextResponse)
async def read_below(name: str) -> str:
    return name


router.include_router(below, prefix="/far")
other = APIRouter()


@other.get("/files")
async def files() -> None:
    """Answer what another application does."""


router.mount("/mounted", other)
