"""What a service answers."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any, NamedTuple

SECONDS = 30


class Answer(NamedTuple):
    """An answer: its body as JSON where it is some, otherwise as text."""

    status: int
    body: Any
    headers: http.client.HTTPMessage


def ask(
    address: str,
    request: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request, such as ``GET /notes``, with a body as JSON unless it is bytes."""
    method, path = request.split(" ", 1)
    sent = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} | sent
    host = address.removeprefix("http://")
    with closing(http.client.HTTPConnection(host, timeout=SECONDS)) as connection:
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        text = response.read().decode()
    is_json = "json" in response.headers.get("Content-Type", "")
    return Answer(response.status, json.loads(text) if is_json and text else text, response.headers)
