"""Requests as AWS Lambda gets them, in the shapes that AWS documents, and what answers them.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (function URLs),
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
(HTTP APIs, payloads 2.0), …/set-up-lambda-proxy-integrations.html there (REST APIs), and
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

CLIENT = "203.0.113.7"
# Of a balancer, as is the proxy's own; its port is that which the client asked.
FORWARDED = {"X-Forwarded-For": CLIENT, "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https"}


@dataclass
class Request:
    """What a client sends; the path and the query as they stand in the request line."""

    path: str
    query: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    body: str | None = None
    is_base64: bool = False
    # Of an API Gateway; an HTTP API has it in the path, a REST API has not.
    stage: str = ""


class Answer(NamedTuple):
    """What reaches the client; names of headers are in lower case."""

    status: int
    headers: dict[str, list[str]]
    body: bytes
    was_base64: bool


def function_url(request: Request) -> dict[str, Any]:
    """Give the event of a function URL."""
    return _version_2(request, "$default", "example.lambda-url.eu-west-2.on.aws")


def http_api(request: Request) -> dict[str, Any]:
    """Give the event of an HTTP API, with payloads of version 2.0."""
    return _version_2(
        request, request.stage or "$default", "example.execute-api.eu-west-2.amazonaws.com"
    )


def _version_2(request: Request, stage: str, host: str) -> dict[str, Any]:
    path = request.path if stage == "$default" else f"/{stage}{request.path}"
    headers = {name.lower(): value for name, value in (FORWARDED | request.headers).items()}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        **({"cookies": [*request.cookies]} if request.cookies else {}),
        "headers": {"host": host, **headers},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "example",
            "domainName": host,
            "domainPrefix": "example",
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": CLIENT,
                "userAgent": "test",
            },
            "requestId": "EXAMPLE=",
            "routeKey": "$default",
            "stage": stage,
            "time": "01/Jan/2027:00:00:00 +0000",
            "timeEpoch": 1798761600000,
        },
        **({} if request.body is None else {"body": request.body}),
        "isBase64Encoded": request.is_base64,
    }


def rest_api(request: Request) -> dict[str, Any]:
    """Give the event of a REST API."""
    host = "example.execute-api.eu-west-2.amazonaws.com"
    stage = request.stage or "test"
    headers = {"Host": host, **FORWARDED, **request.headers}
    if request.cookies:
        headers["Cookie"] = "; ".join(request.cookies)
    pairs = parse_qsl(request.query, keep_blank_values=True)
    return {
        "resource": "/{proxy+}",
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": _many(pairs) or None,
        "pathParameters": {"proxy": request.path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "example",
            "domainName": host,
            "httpMethod": request.method,
            "identity": {"sourceIp": CLIENT, "userAgent": "test"},
            "path": f"/{stage}{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": "00000000-0000-0000-0000-000000000000",
            "requestTimeEpoch": 1798761600000,
            "resourceId": "example",
            "resourcePath": "/{proxy+}",
            "stage": stage,
        },
        "body": request.body,
        "isBase64Encoded": request.is_base64,
    }


def load_balancer(request: Request) -> dict[str, Any]:
    """Give the event of an Application Load Balancer, which decodes nothing."""
    headers = {name.lower(): value for name, value in (FORWARDED | request.headers).items()}
    if request.cookies:
        headers["cookie"] = "; ".join(request.cookies)
    pairs = [each.partition("=")[::2] for each in request.query.split("&") if each]
    group = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:targetgroup/letters/0123456789"
    return {
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": request.method,
        "path": request.path,
        "queryStringParameters": dict(pairs),
        "headers": {"host": "letters.example.org", **headers},
        "body": request.body or "",
        "isBase64Encoded": request.is_base64,
    }


def load_balancer_with_lists(request: Request) -> dict[str, Any]:
    """Give that of one whose target group has multi-value headers."""
    event = load_balancer(request)
    pairs = [each.partition("=")[::2] for each in request.query.split("&") if each]
    del event["queryStringParameters"]
    event["multiValueQueryStringParameters"] = _many(pairs)
    event["multiValueHeaders"] = {name: [each] for name, each in event.pop("headers").items()}
    return event


def _many(pairs: list[tuple[str, ...]] | list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


SHAPES: dict[str, Callable[[Request], dict[str, Any]]] = {
    "function-url": function_url,
    "http-api": http_api,
    "rest-api": rest_api,
    "load-balancer": load_balancer,
    "load-balancer-with-lists": load_balancer_with_lists,
}


def read_answer(response: dict[str, Any]) -> Answer:
    """Read what a function returned as its caller, an API or a balancer, does."""
    headers: dict[str, list[str]] = {}
    for name, value in (response.get("headers") or {}).items():
        headers.setdefault(name.lower(), []).append(value)
    for name, values in (response.get("multiValueHeaders") or {}).items():
        headers[name.lower()] = values
    if "cookies" in response:
        headers["set-cookie"] = response["cookies"]
    body = response.get("body", "")
    is_base64 = response.get("isBase64Encoded", False)
    content = base64.b64decode(body) if is_base64 else body.encode()
    return Answer(response["statusCode"], headers, content, is_base64)
