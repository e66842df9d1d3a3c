"""Letters: Connexion 2 on aiohttp, with a contract of OpenAPI 3, by RestyResolver in part."""

FILES = {
    "requirements.txt": "connexion[aiohttp]==2.14.2\naiohttp-cors\n",
    "setup.py": "from setuptools import setup\n\nsetup(name='letters')\n",
    "letters/__init__.py": "",
    "letters/main.py": """\
import connexion
from aiohttp import web
from connexion.resolver import RestyResolver


@web.middleware
async def stamp(request, handler):
    response = await handler(request)
    response.headers["X-Stamp"] = "1"
    return response


async def connect(app):
    app["box"] = []


def main():
    app = connexion.AioHttpApp(__name__, specification_dir=".", options={"swagger_ui": False})
    app.add_api("openapi.yml", resolver=RestyResolver("letters"), base_path="/api",
                pythonic_params=True)
    app.app.middlewares.append(stamp)
    app.app.on_startup.append(connect)
    app.run(port=8080)


if __name__ == "__main__":
    main()
""",
    "letters/letters.py": """\
from aiohttp import web

BOX = {}


async def search(request, page_size=10):
    sender = request.query.get("sender")
    found = [each for each in BOX.values() if sender in (None, each["sender"])]
    return web.json_response(found[:page_size])


async def post(request):
    letter = await request.json()
    number = str(len(BOX) + 1)
    BOX[number] = {"id": number, **letter}
    return web.json_response(BOX[number], status=201, headers={"Location": f"/api/letters/{number}"})


async def get(request, id_):
    if request.match_info["id"] not in BOX:
        raise web.HTTPNotFound(text="No letter has this id.")
    return web.json_response(data=BOX[id_], status=200)


async def delete(request, id_):
    BOX.pop(id_, None)
    return web.Response(status=204)


async def count(request):
    return web.json_response({"count": len(request.app["box"])})


async def sealed(request, user):
    return web.json_response({"for": user})


async def plain(request):
    return web.Response(text="letters", content_type="text/plain")
""",
    "letters/wsgi.py": """\
import connexion

from letters.main import stamp

app = connexion.AioHttpApp(__name__, server_args={"middlewares": [stamp]})
app.add_api("openapi.yml", auth_all_paths=True)

if __name__ == "__main__":
    app.app.on_cleanup.append(print)
    app.run()
""",
    "letters/keys.py": """\
def check(key, required_scopes=None):
    return {"sub": "ann"} if key == "open" else None
""",
    "letters/openapi.yml": """\
openapi: "3.0.0"
info: {title: Letters, version: "2"}
paths:
  /letters:
    get:
      parameters:
        - {name: page_size, in: query, schema: {type: integer, default: 10}}
        - {name: sender, in: query, schema: {type: string}}
      responses:
        200:
          description: Letters
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Letter"}}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Letter"}}}
      responses:
        201:
          description: The letter
          content: {application/json: {schema: {$ref: "#/components/schemas/Letter"}}}
  /letters/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      responses:
        200:
          description: The letter
          content: {application/json: {schema: {$ref: "#/components/schemas/Letter"}}}
    delete:
      responses: {204: {description: It is gone}}
  /count:
    get:
      x-openapi-router-controller: letters.letters
      operationId: count
      responses: {200: {description: A number, content: {application/json: {schema: {}}}}}
  /sealed:
    get:
      operationId: letters.letters.sealed
      security: [{key: []}]
      responses: {200: {description: For whom, content: {application/json: {schema: {}}}}}
  /plain:
    get:
      operationId: letters.letters.plain
      responses: {200: {description: A text, content: {text/plain: {schema: {type: string}}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, x-apikeyInfoFunc: letters.keys.check}
  schemas:
    Letter:
      type: object
      required: [sender]
      properties:
        id: {type: string}
        sender: {type: string}
        sent: {type: string, format: date, example: 2026-11-29}
""",
    "tests/test_letters.py": """\
import pytest

from letters import main


@pytest.fixture
def cli(loop, aiohttp_client):
    return loop.run_until_complete(aiohttp_client(main.make_app()))


async def test_letter_is_sent_and_found(cli):
    resp = await cli.post("/api/letters", json={"sender": "Ann"})
    assert resp.status == 201
    letter = await resp.json()
    found = await (await cli.get("/api/letters?sender=Ann")).json()
    assert letter in found
""",
}
