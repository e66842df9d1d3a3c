"""Configurations and contracts that the script refuses, and what it says of them."""

from __future__ import annotations

import json
from typing import Any

REFUSED = {
    "not json": ("{", "client-gen-config.json is no JSON: Expecting property name"),
    "a list": ("[]", "client-gen-config.json must be an object"),
    "an unknown option": (
        {"servces": []},
        "client-gen-config.json has servces: known are services",
    ),
    "a bad option": (
        {"http_timeout": "soon"},
        "client-gen-config.json: http_timeout: Input should",
    ),
    "services are no list": ({"services": {}}, "services must be a list of objects with name and"),
    "no contract": ({"services": [{"name": "a"}]}, "services[0] must have name and contract"),
    "no Python name": (("a-b", "x.yml"), "services[0].name must be a Python name of lower-case"),
    "a keyword": (("import", "x.yml"), "services[0].name must be a Python name"),
    "a secret": (("a", "https://me:hunter2@a.example/"), "must have no user and no password"),
    "another scheme": (("a", "ftp://a.example/x"), "must be an http or https address, or a file"),
    "no file": (("a", "missing.yml"), "a: missing.yml cannot be read: No such file or directory."),
    "no server": (("a", "http://127.0.0.1:9/x"), "a: http://127.0.0.1:9/x is out of reach: "),
    "no YAML": (("a", "broken.yml"), "a: broken.yml is no YAML or JSON: "),
    "Swagger 2": (("a", "swagger.yml"), "a: swagger.yml is no contract of OpenAPI 3."),
    "no paths": (("a", "pathless.yml"), "a: pathless.yml has no paths."),
    "two documents": (("a", "two.yml"), "a: two.yml refers to another document, b.yml#/x"),
    "one id twice": (("a", "twice.yml"), "a: get /a and get /b would both be x: they want"),
    "one name of two functions": (
        ("a", "detailed.yml"),
        "a: get /b and get /a would both be x_detailed: they want",
    ),
    "one name of a value twice": (("a", "enum.yml"), "a: Duplicate key BIG in enum"),
    "a name of ours": (("a", "ours.yml"), "a: the client has a ResponseError of its own"),
    "a path that is null": (("a", "null.yml"), "a: Failed to parse OpenAPI document"),
    "no contract at all": (("a", "wrong.yml"), "a: Failed to parse OpenAPI document"),
    "a folder in the way": (("old", "wide.yml"), "app/clients/old is there already, and was not"),
    "two names": (
        {"services": [{"name": "a", "contract": "x"}] * 2},
        "two services have the name a: each wants its own.",
    ),
}
OPERATION = {"operationId": "x", "responses": {"204": {"description": "None"}}}
WHOLE = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}
SIZES = {"type": "string", "enum": ["big", "BIG"]}
TAGGED = {"204": {"description": "None", "headers": {"ETag": {"schema": {"type": "string"}}}}}
OBJECT = {"type": "object", "properties": {"reason": {"type": "string"}}}
FILES = {
    "broken.yml": "a: [",
    "swagger.yml": "swagger: '2.0'\npaths: {}",
    "pathless.yml": "openapi: 3.0.3",
    "two.yml": "openapi: 3.0.3\npaths: {/a: {$ref: 'b.yml#/x'}}",
    "wrong.yml": "openapi: 3.0.3\npaths: {/a: {get: 1}}",
    "null.yml": "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: null}",
    "enum.yml": json.dumps(WHOLE | {"components": {"schemas": {"Size": SIZES}}}),
    "ours.yml": json.dumps(WHOLE | {"components": {"schemas": {"ResponseError": OBJECT}}}),
    "detailed.yml": json.dumps(
        WHOLE
        | {
            "paths": {
                "/a": {"get": OPERATION | {"operationId": "xDetailed"}},
                "/b": {"get": OPERATION | {"responses": TAGGED}},
            }
        }
    ),
    "twice.yml": json.dumps(
        WHOLE | {"paths": {"/a": {"get": OPERATION}, "/b": {"get": OPERATION}}}
    ),
}


def written(given: Any) -> str:
    """Return the text of a configuration; a pair is a name and a contract."""
    if isinstance(given, tuple):
        given = {"services": [dict(zip(("name", "contract"), given, strict=True))]}
    return given if isinstance(given, str) else json.dumps(given)
