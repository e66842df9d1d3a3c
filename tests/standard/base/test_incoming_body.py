"""The body of a request: its length is what has come, and a large one takes little memory."""

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from app import create_app
from app.standard.http.incoming_body import BLOCK_BYTES, IN_MEMORY_BYTES, IncomingBody
from app.standard.service import load_settings
from app.standard.validation import Upload
from config import Settings

JSON = {"Content-Type": "application/json"}
WRONG = "The body has another length than Content-Length says."
NONE = "The Content-Length is no number."
MEBIBYTE = 1024 * 1024
CONTRACT = """
openapi: 3.0.3
info: { title: Uploads, version: "1" }
security: []
paths:
  /files:
    post:
      operationId: tests.standard.test_incoming_body.add_file
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties: { file: { type: string, format: binary } }
      responses: { default: { description: What came } }
"""
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"


async def add_file(body: dict[str, Upload]) -> dict[str, int]:
    """Read a file block by block."""
    size = 0
    while block := await body["file"].read(BLOCK_BYTES):
        size += len(block)
    return {"size": size}


@pytest.mark.parametrize(
    ("length", "detail"),
    [
        ("0", WRONG),
        ("2", WRONG),
        *((each, NONE) for each in ("", "x", "-1", "+1", "0_1", "1, 1", "9" * 5000)),
    ],
)
def test_length_that_is_wrong_is_refused(wide: TestClient, length: str, detail: str) -> None:
    headers = [("Content-Type", "application/json"), ("Content-Length", length)]

    response = wide.post("/integer", content=b"5", headers=headers)

    assert (response.status_code, response.json()["detail"]) == (400, detail)


@pytest.mark.parametrize(("content", "status"), [(b"5", 200), (b"", 400)])
def test_body_needs_no_length(wide: TestClient, content: bytes, status: int) -> None:
    # As HTTP/2 has it, and what calls in process.
    request = wide.build_request("POST", "/integer", content=content, headers=JSON)
    del request.headers["Content-Length"]

    assert wide.send(request).status_code == status


@pytest.mark.parametrize("size", [0, 1, IN_MEMORY_BYTES, IN_MEMORY_BYTES + 1, 3 * IN_MEMORY_BYTES])
def test_body_is_read_as_it_was_written(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    body = IncomingBody()
    for start in range(0, size, 100_000):
        body.write(content[start : start + 100_000])

    body.rewind()
    messages = [body.read()]
    while messages[-1]["more_body"]:
        messages.append(body.read())

    assert b"".join(each["body"] for each in messages) == content
    is_large = size > IN_MEMORY_BYTES
    assert max(len(each["body"]) for each in messages) == (BLOCK_BYTES if is_large else size)


@pytest.mark.parametrize("size", [10, 2 * IN_MEMORY_BYTES])
def test_body_is_a_file_from_its_start(size: int) -> None:
    body = IncomingBody()
    body.write(b"a" * size)

    assert body.as_file().read() == b"a" * size


def test_large_upload_takes_little_memory(settings: Settings, tmp_path: Path) -> None:
    size = 24 * MEBIBYTE
    roomy = load_settings(Settings, request_max_bytes=2 * size)
    (tmp_path / "api.yml").write_text(CONTRACT, "utf-8")
    app = create_app(roomy, tmp_path / "api.yml")
    with TestClient(app) as client:
        assert client.portal is not None
        client.portal.call(_upload, app, MEBIBYTE)
        tracemalloc.start()
        try:
            answer = client.portal.call(_upload, app, size)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert answer == b'{"size":%d}' % size
    assert peak < 8 * MEBIBYTE


async def _upload(app: Any, size: int) -> bytes:
    """Send a file in blocks, and return the answer."""
    left, answer = size, b""
    given = [HEAD]

    async def receive() -> Message:
        nonlocal left
        if given:
            return {"type": "http.request", "body": given.pop(), "more_body": True}
        block = b"a" * min(left, BLOCK_BYTES)
        left -= len(block)
        return {"type": "http.request", "body": block or TAIL, "more_body": bool(block)}

    async def send(message: Message) -> None:
        nonlocal answer
        answer += message.get("body", b"")

    scope: Scope = {
        "type": "http",
        "http_version": "2",
        "method": "POST",
        "scheme": "http",
        "path": "/files",
        "raw_path": b"/files",
        "root_path": "",
        "query_string": b"",
        "client": ("client", 1),
        "server": ("server", 1),
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
    }
    await app(scope, receive, send)
    return answer
