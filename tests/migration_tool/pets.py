"""Pets: Connexion 2 on Flask, with a contract of Swagger 2."""

FILES = {
    "requirements.txt": "connexion[swagger-ui]==2.14.2\nflask-cors\npython-dateutil>=2.9\n",
    "pets/__init__.py": "",
    "pets/app.py": """\
import connexion
from flask_cors import CORS


def create_app():
    app = connexion.FlaskApp(__name__, specification_dir="openapi/")
    app.add_api("swagger.yaml", strict_validation=True)
    return app


app = create_app()
CORS(app.app)
application = app.app


@application.before_request
def note():
    print("a request")


if __name__ == "__main__":
    app.run(port=8080)
""",
    "pets/store.py": """\
PETS = {1: {"id": 1, "name": "Rex", "tag": None}}


def find(pet_id):
    return PETS.get(pet_id)
""",
    "pets/backup.py": """\
import sqlite3


def count():
    with sqlite3.connect(":memory:") as connection:
        return connection.execute("select 1").fetchone()[0]
""",
    "pets/api.py": '''\
"""The pets."""
import connexion
from connexion import NoContent, problem, request
from flask import abort, jsonify, session
from werkzeug.exceptions import Conflict

from . import backup, store
from .keys import requires_key


def list_pets(limit=20, tags=None):
    """List the pets.

    Newest first.
    """
    found = list(store.PETS.values())
    if tags:
        found = [each for each in found if each["tag"] in tags]
    return found[:limit], 200, {"X-Tenant": request.headers.get("X-Tenant", "none")}


def get_pet(petId):
    pet = store.find(petId)
    if pet is None:
        abort(404, "There is no such pet.")
    return jsonify(pet)


def add_pet(pet):
    if pet["name"] in {each["name"] for each in store.PETS.values()}:
        return problem(409, "Name taken", "Another pet has this name.")
    if connexion.request.headers["X-Tenant"] == "guest":
        raise Conflict("Guests have no pets.")
    pet["id"] = max(store.PETS) + 1
    store.PETS[pet["id"]] = pet
    return pet, 201


def delete_pet(petId):
    store.PETS.pop(petId, None)
    return NoContent, 204


def rename(petId, name, tag="none"):
    store.PETS[petId].update(name=name, tag=tag)
    return store.PETS[petId]


def back_up():
    return {"rows": backup.count()}


def who():
    return {"user": session["user"]}


def rename_all(name):
    return [rename(each, name) for each in store.PETS]


def photo(petId, picture): return {"size": len(picture.read())}


@requires_key
def secret(): return {"secret": True}
''',
    "pets/keys.py": """\
from functools import wraps

from flask import abort, request


def requires_key(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        if request.headers.get("X-Key") != "open":
            abort(401)
        return function(*args, **kwargs)

    return wrapper
""",
    "tests/__init__.py": "",
    "tests/conftest.py": """\
import pytest

from pets import store
from pets.app import create_app


@pytest.fixture
def client():
    return create_app().app.test_client()


@pytest.fixture
def rex():
    return store.PETS[1]
""",
    "tests/test_pets.py": """\
import json

from pets.app import app


def test_pet_is_found(client, rex):
    response = client.get("/v1/pets/1")
    assert response.status_code == 200
    assert response.json == rex


def test_pets_are_limited(client):
    response = client.get("/v1/pets", query_string={"limit": 1})
    assert len(response.get_json()) == 1


def test_name_is_taken(client):
    pet = json.dumps({"name": "Rex"})
    response = client.post("/v1/pets", data=json.dumps({"name": "Rex"}),
                           content_type="application/json", headers={"X-Tenant": "a"})
    assert response.status_code == 409 and pet


def test_application_has_a_name():
    assert app.app.name == "pets.app"
""",
    "pets/openapi/swagger.yaml": """\
swagger: "2.0"
info: {title: Pets, version: "1.0", contact: {email: pets@example.org}}
basePath: /v1
consumes: [application/json]
produces: [application/json]
parameters:
  petId: {name: petId, in: path, type: integer, required: true}
  tenant: {name: X-Tenant, in: header, type: string, required: true}
  pet: {name: pet, in: body, required: true, schema: {$ref: "#/definitions/Pet"}}
paths:
  /pets:
    get:
      operationId: pets.api.list_pets
      parameters:
        - {name: limit, in: query, type: integer, default: 20}
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: csv}
        - {name: X-Tenant, in: header, type: string}
      responses:
        200:
          description: The pets
          schema: {type: array, items: {$ref: "#/definitions/Pet"}}
    post:
      x-swagger-router-controller: pets.api
      operationId: add_pet
      parameters:
        - $ref: "#/parameters/tenant"
        - $ref: "#/parameters/pet"
      responses:
        201: {description: The pet, schema: {$ref: "#/definitions/Pet"}}
  /pets/{petId}:
    parameters:
      - $ref: "#/parameters/petId"
    get:
      operationId: pets.api.get_pet
      responses: {200: {description: The pet, schema: {$ref: "#/definitions/Pet"}}}
    delete:
      operationId: pets.api.delete_pet
      responses: {204: {description: It is gone}}
    patch:
      operationId: pets.api.rename
      consumes: [application/x-www-form-urlencoded]
      parameters:
        - {name: name, in: formData, type: string, required: true}
        - {name: tag, in: formData, type: string}
      responses: {200: {description: The pet, schema: {$ref: "#/definitions/Pet"}}}
  /pets/{petId}/photo:
    parameters:
      - $ref: "#/parameters/petId"
    put:
      operationId: pets.api.photo
      consumes: [multipart/form-data]
      parameters:
        - {name: picture, in: formData, type: file, required: true}
      responses: {200: {description: Its size, schema: {type: object}}}
  /backup:
    post:
      operationId: pets.api.back_up
      responses: {200: {description: Done, schema: {type: object}}}
  /me:
    get:
      operationId: pets.api.who
      responses: {200: {description: Who, schema: {type: object}}}
  /secret:
    get:
      operationId: pets.api.secret
      responses: {200: {description: A secret, schema: {type: object}}}
  /gone:
    get:
      operationId: pets.api.Pets.list
      responses: {200: {description: Nobody answers}}
definitions:
  Pet:
    type: object
    required: [name]
    properties:
      id: {type: integer, readOnly: true}
      name: {type: string}
      tag: {type: string, x-nullable: true}
""",
}
