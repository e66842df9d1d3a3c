#!/usr/bin/env bash
# mangum 0.22.0, for an event of a REST API: a base path is cut out of the middle of a segment, and
# a comma of the query, which the API has decoded, becomes %2C, so that a list is one value. A
# problem (RFC 9457) is sent as base64, and the lifespan runs at each event.
# Seen: the path "s", the query "tags=a%2Cb", isBase64Encoded, and two starts for two events.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "mangum==0.22.0"

"$folder/venv/bin/python" - <<'EOF'
from mangum import Mangum

seen, starts = [], []


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        starts.append(await receive())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    seen.append((scope["path"], scope["query_string"]))
    headers = [[b"content-type", b"application/problem+json"]]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


event = {
    "resource": "/{proxy+}",
    "path": "/items",
    "httpMethod": "GET",
    "headers": {},
    "queryStringParameters": {"tags": "a,b"},
    "requestContext": {"stage": "item"},
}
handler = Mangum(app, api_gateway_base_path="/item")
answers = [handler(event, None) for _ in range(2)]
print(*seen[0], answers[0]["isBase64Encoded"], len(starts))
assert seen[0] == ("s", b"tags=a%2Cb")
assert answers[0]["isBase64Encoded"]
assert len(starts) == 2
EOF
