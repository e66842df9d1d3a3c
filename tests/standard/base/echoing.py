"""Handlers that tell what came, under any name: ``tests.standard.echoing.anything``."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from app.standard.validation import Upload

WIDE_CONTRACT = Path(__file__).with_name("wide.yml")
WIDE_CONTRACT_3_1 = Path(__file__).with_name("wide_3_1.yml")


def __getattr__(name: str) -> Callable[..., Awaitable[Any]]:
    if name.startswith("_"):
        raise AttributeError(name)

    async def echo(**arguments: Any) -> Any:
        return {key: await _shown(value) for key, value in arguments.items()}

    return echo


async def _shown(value: Any) -> Any:
    match value:
        case Upload():
            content = (await value.read()).decode()
            return [value.name, value.media_type, value.size, content]
        case bytes():
            return {"bytes": value.decode("latin-1")}
        case list():
            return [await _shown(each) for each in value]
        case dict():
            return {key: await _shown(each) for key, each in value.items()}
    return value
