import brotli
from starlette.testclient import TestClient


def test_response_is_compressed_for_a_client_that_accepts_it(client: TestClient) -> None:
    plain = client.get("/openapi.json", headers={"Accept-Encoding": "identity"})

    with client.stream("GET", "/openapi.json", headers={"Accept-Encoding": "br"}) as response:
        compressed = b"".join(response.iter_raw())

    assert response.headers["Content-Encoding"] == "br"
    assert brotli.decompress(compressed) == plain.content
