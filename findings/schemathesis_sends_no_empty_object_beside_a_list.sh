#!/usr/bin/env bash
# schemathesis 4.32.5: an object without properties, as it makes them for a parameter of the query
# that is a number, is sent as an empty value, so that a server can refuse it. Beside a list with
# commas (`explode: false`) it is not sent: what reaches the server is right, and the check
# `negative_data_rejection` tells of a wrong request that was accepted.
# Seen: limit=
#       names=a,b
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >ask.py <<'EOF'
import schemathesis
from hypothesis import find
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

LIST = {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": True}
NAMES = {"name": "names", "in": "query", "explode": False, "schema": LIST}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
OPERATION = {"parameters": [NAMES, LIMIT], "responses": {"200": {"description": "The query"}}}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "One operation", "version": "1"},
    "paths": {"/things": {"get": OPERATION}},
}
routes = [
    Route("/openapi.json", lambda request: JSONResponse(DOCUMENT)),
    Route("/things", lambda request: PlainTextResponse(request.url.query)),
]
schema = schemathesis.openapi.from_asgi("/openapi.json", Starlette(routes=routes))
case = find(schema["/things"]["GET"].as_strategy(), lambda case: "names" in case.query)
for query in ({}, {"names": case.query["names"]}):
    case.query = {**query, "limit": {}}
    print(case.call().text)
EOF

python3 -m venv venv
venv/bin/pip install --quiet "schemathesis==4.32.5" "starlette==1.10.0"
seen=$(venv/bin/python ask.py)
echo "$seen"
[[ "$seen" == $'limit=\nnames='[ab],[ab] ]]
