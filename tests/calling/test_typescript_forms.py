"""The client in TypeScript: of a contract of several files, and in a browser."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browsing import visiting
from rendering import render

from calling.test_typescript import installed, run

CONTRACT = """
openapi: 3.0.3
info: { title: T, version: 1.0.0 }
x-answers: &answers { "200": { $ref: "parts/words.yml#/Answer" } }
paths:
  /words:
    $ref: "parts/words.yml#/words"
  /lines:
    post:
      parameters: [{ $ref: "parts/words.yml#/filter" }]
      requestBody: { $ref: "parts/words.yml#/body" }
      responses: { <<: *answers, "404": { description: Nothing } }
"""
PARTS = """
filter:
  name: filter
  in: query
  schema: { type: object, properties: { kind: { type: string } } }
Answer:
  description: What was asked
  content:
    application/json:
      schema: { type: object, required: [asked], properties: { asked: { type: string } } }
body:
  content:
    application/json:
      schema: { type: object, properties: { a: { type: string } } }
words:
  post:
    parameters:
      - name: of
        in: query
        explode: false
        schema: { type: array, items: { type: string } }
    requestBody: { $ref: "#/body" }
    responses: { "200": { $ref: "#/Answer" } }
"""
# The compiler refuses what the contract does not have: the answer of lines is there by a merge key.
USAGE = """
import { createClient } from "./index.js";
export async function ask(baseUrl: string): Promise<(string | undefined)[]> {
  const client = createClient({ baseUrl });
  const body = { a: "é" };
  const words = await client.POST("/words", { params: { query: { of: ["a", "b,c"] } }, body });
  const lines = await client.POST("/lines", { params: { query: { filter: { kind: "x" } } }, body });
  return [words.data?.asked, lines.data?.asked];
}
"""
HTML = """
<script type="importmap">
{"imports": {"openapi-fetch": "/node_modules/openapi-fetch/dist/index.mjs"}}
</script>
<script type="module">
import { ask } from "/dist/asking.js";
window.answers = await ask(location.origin).catch(error => [String(error)]);
</script>
"""
EXPECTED = ['/words?of=a,b%2Cc {"a":"é"}', '/lines?kind=x {"a":"é"}']


class Handler(SimpleHTTPRequestHandler):
    """Gives files, and answers what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = json.dumps({"asked": f"{self.path} {sent}"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the package of a contract of two files."""
    service = render(
        {"framework": "flask", "use_typescript_client": True}, tmp_path_factory.mktemp("service")
    )
    (service / "parts").mkdir()
    (service / "api-spec.yml").write_text(CONTRACT, "utf-8")
    (service / "parts" / "words.yml").write_text(PARTS, "utf-8")
    package = service / "clients" / "typescript"
    (package / "node_modules").symlink_to(installed(package))
    (package / "src" / "asking.ts").write_text(USAGE, "utf-8")
    (package / "page.html").write_text(HTML, "utf-8")
    run(["npm", "run", "build"], package)
    return package


@pytest.fixture
def address(package: Path) -> Iterator[str]:
    """Give the address of a service that knows no HTTP/2."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(package))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_node_asks_as_all_files_of_the_contract_say(package: Path, address: str) -> None:
    script = 'import("./dist/asking.js").then(it => it.ask(process.argv[1]))'
    printed = run(
        ["node", "-e", f"{script}.then(it => console.log(JSON.stringify(it)))", address], package
    )

    assert json.loads(printed) == EXPECTED


def test_page_sends_bodies_by_http_1(address: str) -> None:
    with visiting() as visit:
        visit.page.goto(f"{address}/page.html")
        visit.page.wait_for_function("window.answers")

        assert visit.page.evaluate("window.answers") == EXPECTED


def test_reference_to_nothing_is_named(package: Path) -> None:
    contract = package.parent.parent / "api-spec.yml"
    contract.write_text(CONTRACT.replace("#/filter", "#/filler"), "utf-8")

    result = subprocess.run(["node", "generate.mjs"], cwd=package, capture_output=True, text=True)

    assert (result.returncode, result.stdout) == (1, "")
    place = "#/paths/~1lines/post/parameters/0"
    assert result.stderr == f"api-spec.yml: Can't resolve $ref: {place}\n"
