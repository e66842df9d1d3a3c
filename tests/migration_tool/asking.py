"""Ask a new service: requests on stdin, and the answers on the last line of stdout."""

import json
import os
import sys

sys.path.insert(0, ".")
os.environ["ENVIRONMENT"] = "test"

from starlette.testclient import TestClient

# It is there where this runs.
from app import create_app  # type: ignore[import-not-found]

answers = []
with TestClient(create_app(), raise_server_exceptions=False) as client:
    for method, path, options in json.load(sys.stdin):
        response = client.request(method, path, follow_redirects=False, **options)
        body = response.json() if response.content else None
        answers.append([response.status_code, body])
print(json.dumps(answers))
