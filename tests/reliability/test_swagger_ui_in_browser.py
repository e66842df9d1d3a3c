"""Swagger UI of a running service in a browser, at the root and behind a stripping proxy."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from browsing import visiting

from reliability.conftest import Running, Start
from reliability.raw_http import ask, message
from reliability.stripping_proxy import stripping_proxy

PREFIX = "/svc"


def look(running: Running, address: str, name: str) -> None:
    """Open Swagger UI, try an operation, and keep a picture."""
    contract = json.loads(ask(running.host, message("GET /openapi.json")).body)
    count = sum(len(item.keys() & {"get", "post"}) for item in contract["paths"].values())
    with visiting() as visit:
        page = visit.page
        page.goto(f"{address}/ui")
        page.locator(".opblock").nth(count - 1).wait_for()
        assert page.locator(".opblock").count() == count

        block = page.locator(".opblock", has=page.locator('[data-path="/things/{number}"]'))
        block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Try it out").click()
        block.get_by_placeholder("number").fill("7")
        block.get_by_role("button", name="Execute").click()
        answer = block.locator(".live-responses-table")
        answer.wait_for()
        visit.keep_picture(name)

        assert "200" in answer.locator(".response-col_status").last.inner_text()
        assert json.loads(answer.locator("code.language-json").inner_text()) == {"number": 7}
        assert f"{address}/things/7" in block.locator(".request-url").inner_text().splitlines()
        assert visit.violations() == []
        assert visit.complaints == []
        assert visit.hosts == {urlsplit(address).netloc}


def test_swagger_ui_works(start: Start, framework: str) -> None:
    with start() as running:
        look(running, running.address, f"swagger-ui-{framework}")


def test_swagger_ui_works_behind_a_prefix(start: Start, framework: str) -> None:
    with start(ROOT_PATH=PREFIX) as running, stripping_proxy(running.host, PREFIX) as address:
        look(running, address, f"swagger-ui-{framework}-behind-a-prefix")
