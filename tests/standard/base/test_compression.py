import asyncio
import sys
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.standard.http.compression import CompressionMiddleware

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor
else:
    from zstandard import ZstdDecompressor as Zstandard

    def ZstdDecompressor() -> Any:
        return Zstandard().decompressobj()


BOUND = 5.0
DECODERS: dict[str, Callable[[], Callable[[bytes], bytes]]] = {
    "zstd": lambda: ZstdDecompressor().decompress,
    "br": lambda: brotli.Decompressor().process,
    "gzip": lambda: zlib.decompressobj(31).decompress,
}
# Where Swagger UI is: a style sheet, and an image.
TEXT, IMAGE = "/ui/swagger-ui.css", "/ui/favicon-32x32.png"
SMALL = "/healthz"


def fetch(client: TestClient, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return the status, the headers and the body as it is sent."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.stream("GET", path, headers=names) as response:
        return response.status_code, dict(response.headers), b"".join(response.iter_raw())


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("zstd", "zstd"),
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("zstd;q=0, br; q=0.000, GZIP;q=0.001", "gzip"),
        ("*", "zstd"),
        ("*, zstd;q=0", "br"),
    ],
)
def test_client_gets_a_coding_that_it_takes(client: TestClient, accepted: str, coding: str) -> None:
    _, _, plain = fetch(client, "/openapi.json", Accept_Encoding="identity")

    status, headers, packed = fetch(client, "/openapi.json", Accept_Encoding=accepted)

    assert (status, headers["content-encoding"]) == (200, coding)
    assert headers["vary"] == "Accept-Encoding"
    assert int(headers["content-length"]) == len(packed) < len(plain) / 2
    assert DECODERS[coding]()(packed) == plain


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0", "*;q=0", "compress", "abrupt"])
def test_client_that_takes_no_coding_gets_none(client: TestClient, accepted: str) -> None:
    status, headers, body = fetch(client, "/openapi.json", Accept_Encoding=accepted)

    assert (status, headers["vary"]) == (200, "Accept-Encoding")
    assert "content-encoding" not in headers
    assert body.startswith(b'{"')


def test_part_of_a_file_is_sent_as_it_is(client: TestClient) -> None:
    _, _, whole = fetch(client, TEXT, Accept_Encoding="identity")

    status, headers, part = fetch(client, TEXT, Accept_Encoding="br", Range="bytes=1000-2999")

    assert (status, part) == (206, whole[1000:3000])
    assert "content-encoding" not in headers


@pytest.mark.parametrize("path", [IMAGE, SMALL])
def test_what_is_packed_or_small_is_sent_as_it_is(client: TestClient, path: str) -> None:
    status, headers, body = fetch(client, path, Accept_Encoding="br")

    assert status == 200
    assert "content-encoding" not in headers
    assert body == fetch(client, path, Accept_Encoding="identity")[2]


def test_tag_of_a_compressed_body_is_weak_and_still_known(client: TestClient) -> None:
    _, headers, _ = fetch(client, TEXT, Accept_Encoding="identity")
    strong = headers["etag"]
    assert strong.startswith('"')

    _, headers, _ = fetch(client, TEXT, Accept_Encoding="br")
    assert headers["etag"] == f"W/{strong}"

    for tag in (strong, f"W/{strong}"):
        status, headers, body = fetch(client, TEXT, Accept_Encoding="br", If_None_Match=tag)
        assert (status, headers["etag"], body) == (304, f"W/{strong}", b"")


def test_problem_is_compressed(probe: TestClient) -> None:
    status, headers, body = fetch(probe, f"/{'x' * 600}", Accept_Encoding="br")

    assert (status, headers["content-encoding"]) == (404, "br")
    assert b'"status":404' in brotli.decompress(body)


def test_stream_is_compressed(probe: TestClient) -> None:
    _, headers, body = fetch(probe, "/stream", Accept_Encoding="br")

    assert headers["content-encoding"] == "br"
    assert brotli.decompress(body) == b"onetwo"


@pytest.mark.parametrize("coding", DECODERS)
@pytest.mark.parametrize("media_type", ["text/plain; charset=utf-8", "application/x-ndjson"])
def test_chunk_of_a_stream_can_be_read_once_it_was_sent(coding: str, media_type: str) -> None:
    chunks = [b"1,one\n", b"2,two\n", b"3,three\n" * 2_000]
    decode = DECODERS[coding]()
    received = b""

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", media_type.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, chunk in enumerate(chunks):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            assert received == b"".join(chunks[: number + 1])
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        raise NotImplementedError

    async def send(message: Message) -> None:
        nonlocal received
        received += decode(message.get("body", b""))

    scope = {"type": "http", "headers": [(b"accept-encoding", coding.encode())]}
    work = CompressionMiddleware(stream)(scope, receive, send)
    asyncio.run(asyncio.wait_for(work, BOUND))

    assert received == b"".join(chunks)
