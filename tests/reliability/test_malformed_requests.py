"""What a running service answers to 5,000 requests that are none, or that nobody should send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from reliability import malformed_bodies, malformed_http, malformed_parameters
from reliability.conftest import Running, Start
from reliability.logs import events
from reliability.raw_http import Answer, Hanging, Request, ask, exchange, message

KINDS = (*malformed_http.KINDS, *malformed_bodies.KINDS, *malformed_parameters.KINDS)
SEED = 2026
COUNT = 5_000
# Until then, threads start and caches fill.
WARM_UP = 1_000
CONNECTIONS = 8
MAX_GROWTH = 48 * 1024 * 1024
# What the server says of what is no HTTP; the service does not see it.
# The server's own words; to a HEAD it says as little as ever.
UNREADABLE = (b"Invalid HTTP request received.", b"The head of a request is too large.", b"")

Exchange = tuple[Request, list[Answer] | None]


def attack(running: Running) -> tuple[list[Exchange], int]:
    """Send all requests; return what came (None: nothing in time), and the growth in memory."""

    def send(request: Request) -> Exchange:
        try:
            return request, exchange(running.host, request)
        except Hanging:
            return request, None

    random = Random(SEED)  # noqa: S311
    requests = [KINDS[number % len(KINDS)](random) for number in range(COUNT)]
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        exchanges = list(threads.map(send, requests[:WARM_UP]))
        before = resident_bytes(running)
        exchanges += threads.map(send, requests[WARM_UP:])
    return exchanges, resident_bytes(running) - before


def resident_bytes(running: Running) -> int:
    """Return the memory that the service holds, or 0 where only Linux would tell."""
    status = Path(f"/proc/{running.process.pid}/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def is_refused_well(answer: Answer) -> bool:
    """Tell whether it is a problem, or the server's own word on what is no HTTP."""
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return is_problem or (answer.status == 400 and answer.body in UNREADABLE)


def sample(found: Iterable[tuple[Request, object]]) -> list[tuple[bytes, object]]:
    """Shorten what was found, for a message that people can read."""
    return [(request.data[:300], what) for request, what in found][:5]


def test_malformed_requests_do_no_harm(start: Start) -> None:
    with start() as running:
        exchanges, growth = attack(running)
        assert ask(running.host, message("GET /healthz")).status == 200
        assert ask(running.host, message("GET /things/7")).body == b'{"number":7}'

    missing = [(r, came) for r, came in exchanges if came is None or len(came) < r.answers]
    answers = [(request, answer) for request, came in exchanges for answer in came or ()]
    statuses = Counter(answer.status for _, answer in answers)
    print(f"answers by status: {sorted(statuses.items())}; growth: {growth >> 10} KiB")
    assert not sample(missing)
    assert not sample((r, answer) for r, answer in answers if answer.status >= 500)
    refused = ((r, answer) for r, answer in answers if answer.status >= 400)
    assert not sample((r, answer) for r, answer in refused if not is_refused_well(answer))
    assert growth < MAX_GROWTH
    assert "Traceback" not in running.log.read_text("utf-8")
    assert not [event for event in events(running) if event["level"] in ("error", "critical")][:5]
