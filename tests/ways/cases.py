"""Two contracts, and what every proxy is asked with their table."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

# What expressions, and the texts of a proxy, have a meaning for.
ODD = "/v1/o'd\"d `a` \\x.$^*+|(y)[z] 50% ß@:~;&=,!"
RAW = quote(ODD, safe="/'$*+()@:;&=,!")

OLD: dict[str, Any] = {
    "swagger": "2.0",
    "basePath": "/v1/",
    "paths": {
        "/notes": {"get": {}, "post": {}, "parameters": []},
        "/notes/{id}": {"get": {}, "delete": {}},
        "/notes/latest": {"get": {}},
        "/notes/{id}/pages/{page}": {"get": {}},
        "/a.b+c": {"get": {}},
        "/files/{name}.csv": {"get": {}},
        "/asked": {"patch": {}},
        "/headed": {"get": {}, "head": {}},
    },
}
NEW: dict[str, Any] = {
    "openapi": "3.0.3",
    "servers": [
        {"url": "https://example.org/{version}", "variables": {"version": {"default": "v1"}}}
    ],
    "paths": {
        "/notes": {"get": {}},
        "/notes/{note_id}": {"get": {}, "put": {}},
        "/notes/{note_id}/pages/first": {"get": {}},
        "/only-here": {"post": {}},
        "/files/{name}": {"get": {}},
        "/asked": {"options": {}},
        "/headed": {"head": {}},
        "/only-headed": {"head": {}},
        ODD.removeprefix("/v1").replace("%", "%25"): {"get": {}},
        "/per%63ent": {"get": {}},
    },
}
# A third word is the method that a browser asks for.
CASES = {
    # In both, and in one of them.
    "GET /v1/notes": "new",
    "POST /v1/notes": "old",
    "POST /v1/only-here": "new",
    # Parameters, whatever the contracts call them.
    "GET /v1/notes/7": "new",
    "GET /v1/notes/7?full=yes": "new",
    "GET /v1/notes/a%20b": "new",
    "PUT /v1/notes/7": "new",
    "DELETE /v1/notes/7": "old",
    "GET /v1/notes/7/pages/2": "old",
    # A path without parameters comes first, and a part that has more text.
    "GET /v1/notes/latest": "old",
    "GET /v1/notes/7/pages/first": "new",
    "GET /v1/files/a.csv": "old",
    "GET /v1/files/a.txt": "new",
    # What no contract has.
    "GET /": "old",
    "GET /notes": "old",
    "GET /v1/notes/": "old",
    "GET /v1/NOTES": "old",
    "GET /v1/notes/7/more": "old",
    "GET /more/v1/notes": "old",
    "PATCH /v1/only-here": "old",
    "GET /v1/axb+c": "old",
    # Other ways to write a path.
    f"GET {RAW}": "new",
    f"GET {quote(ODD)}": "new",
    f"GET {quote(ODD).lower()}": "new",
    f"GET {quote(ODD).replace('.', 'x')}": "old",
    "GET /v1/percent": "new",
    "GET /v1/n%6Ftes": "new",
    "GET /v1//notes": "new",
    "GET /v1/pages/../notes": "new",
    # Other methods.
    "HEAD /v1/notes/7": "new",
    "HEAD /v1/notes/latest": "old",
    "HEAD /v1/headed": "new",
    "GET /v1/headed": "old",
    "HEAD /v1/only-headed": "new",
    "GET /v1/only-headed": "old",
    # What a browser asks goes where the request will go.
    "OPTIONS /v1/notes": "old",
    "OPTIONS /v1/notes GET": "new",
    "OPTIONS /v1/notes HEAD": "new",
    "OPTIONS /v1/notes POST": "old",
    "OPTIONS /v1/asked": "new",
    "OPTIONS /v1/asked PATCH": "old",
    "OPTIONS /v1/asked DELETE": "old",
    "POST /v1/notes GET": "old",
}
