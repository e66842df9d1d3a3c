#!/usr/bin/env bash
# openapi-python-client 0.29.1: `explode: false` is read and forgotten, so a list in the query is
# handed to httpx as a list, which repeats its name, `tags=a&tags=b`, where the contract wants
# `tags=a,b`. A service that goes by its contract takes the first or the last of them, or refuses.
# Seen: the generated function has the list in its `params`, and no comma is written anywhere.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "openapi-python-client==0.29.1"

cd "$folder"
cat >contract.yml <<'YAML'
openapi: 3.0.3
info: { title: Tags, version: "1" }
paths:
  /items:
    get:
      operationId: list_items
      parameters:
        - { name: tags, in: query, explode: false, schema: { type: array, items: { type: string } } }
      responses: { "204": { description: Nothing } }
YAML
echo '{"post_hooks": []}' >config.json
venv/bin/openapi-python-client generate --path contract.yml --meta none --config config.json \
  --output-path tags >/dev/null
venv/bin/python - <<'PYTHON'
import httpx
from tags.api.default.list_items import _get_kwargs

query = httpx.Request(**_get_kwargs(tags=["a", "b"]) | {"url": "http://a/items"}).url.query
print(query)
assert query == b"tags=a&tags=b", query
PYTHON
