"""The requests that are measured, and the bars."""

import json
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path

from bench.comparison import Comparison
from bench.load import Request, ask, load
from bench.servers import Server

# What is written by hand with FastAPI; "fastapi" is a render.
BY_HAND = "by-hand"


def bars(of_async_and_fastapi: float, of_flask: float) -> dict[tuple[str, str], float]:
    """Return what the time by hand must be by the time of each render, at least."""
    found = {"async": of_async_and_fastapi, "flask": of_flask, "fastapi": of_async_and_fastapi}
    return {(name, BY_HAND): bar for name, bar in found.items()}


LIST_BARS = bars(1.2, 0.8) | {("flask", "connexion"): 2.5}
REFUSED_BARS = bars(1.2, 0.8)
GET_BARS = bars(1.0, 0.7)
POST_BARS = bars(1.0, 0.7)
# At most 1.3 times as long.
START_BARS = bars(1 / 1.3, 1 / 1.3)

LIST = "/items?categories=tree,shrub&active=true&created_from=2020-01-01"
ORDER = Path(__file__).with_name("order.json")


@dataclass
class Work:
    """A request, and what servers take for it."""

    request: Request
    comparison: Comparison
    answers: dict[str, bytes] = field(default_factory=dict)

    def check(self, servers: dict[str, Server]) -> None:
        """Ask each server once; raise if what succeeds has different answers."""
        answers = {
            name: ask(servers[name].port, self._request_to(name))
            for name in self.comparison.servers
        }
        # Refusals differ, if only by the id of the request.
        if self.request.status != HTTPStatus.OK:
            return
        self.answers = answers
        first, *others = [json.loads(answer) for answer in answers.values()]
        if any(other != first for other in others):
            raise RuntimeError(f"{self.request.target}: the servers' answers differ: {answers}")

    def measure(self, server: Server, seconds: float) -> tuple[float, float]:
        """Return the seconds of a request, and those of the processor; answers stay the same."""
        request, wanted = self._request_to(server.name), self.answers.get(server.name)
        before = server.processor_seconds()
        took, answers = load(server.port, request, seconds, wanted)
        return took / answers, (server.processor_seconds() - before) / answers

    def _request_to(self, name: str) -> Request:
        """Return the request, with the status that this server must answer."""
        if self.request.status == HTTPStatus.BAD_REQUEST and name == BY_HAND:
            return replace(self.request, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.request


def works() -> list[Work]:
    """Return what is measured."""
    refused = Request("GET", "/items?active=maybe", HTTPStatus.BAD_REQUEST)
    order = json.dumps(json.loads(ORDER.read_text("utf-8")), separators=(",", ":")).encode()
    return [
        Work(Request("GET", LIST, HTTPStatus.OK), Comparison("list", LIST_BARS)),
        Work(refused, Comparison("refused", REFUSED_BARS)),
        Work(Request("GET", "/greeting", HTTPStatus.OK), Comparison("get", GET_BARS)),
        Work(Request("POST", "/orders", HTTPStatus.OK, order), Comparison("post", POST_BARS)),
    ]
