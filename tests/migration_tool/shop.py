"""Shop: Flask with two blueprints, and no contract."""

FILES = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["flask>=2", "flask-login"]\n',
    "src/app/__init__.py": """\
from flask import Flask, g, render_template

from app.items import items
from app.orders import orders


def create_app():
    app = Flask(__name__)
    app.register_blueprint(items)
    app.register_blueprint(orders, url_prefix="/shop/orders")

    @app.errorhandler(404)
    def not_found(error):
        return {"error": "not found"}, 404

    return app
""",
    "src/app/models.py": """\
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def price_of(name):
    return {"pen": 2, "ink": 5}.get(name)
""",
    "src/app/items.py": '''\
from uuid import UUID

from flask import Blueprint, abort, jsonify, make_response, request

from .models import price_of

items = Blueprint("items", __name__, url_prefix="/items")
ITEMS = {}


@items.route("/")
def list_items():
    """List the items."""
    limit = request.args.get("limit", 10, type=int)
    names = request.args.getlist("name")
    found = [each for each in ITEMS.values() if not names or each["name"] in names]
    return jsonify(found[:limit])


@items.route("/<uuid:item_id>", methods=["PUT", "PATCH"])
def put_item(item_id):
    data = request.get_json()
    assert isinstance(item_id, UUID)
    if price_of(data["name"]) is None:
        abort(422)
    ITEMS[item_id] = {"id": item_id, "name": data["name"], "price": price_of(data["name"])}
    return make_response(jsonify(id=item_id), 201)


@items.get("/<uuid:item_id>")
def get_item(item_id):
    if item_id not in ITEMS:
        return jsonify({"error": "no such item"}), 404
    return ITEMS[item_id]


@items.get("/hello")
def hello():
    return "<h1>Hello</h1>"
''',
    "src/app/orders.py": """\
import time

from flask import Blueprint, current_app, g, request
from flask_login import current_user, login_required

from app.models import Order, db

orders = Blueprint("orders", __name__)


@orders.before_request
def remember():
    g.start = time.time()


@orders.get("/<int:number>/")
def get_order(number):
    agent = request.headers.get("X-Agent", "nobody")
    return {"number": number, "agent": agent, "coupon": request.cookies.get("coupon")}


@orders.route("/notes", methods=["GET", "POST"])
def notes():
    current_app.logger.info("notes")
    if request.method == "POST":
        return {"noted": request.json["text"]}, 201
    return {"notes": []}


@orders.post("/pay")
def pay():
    if request.form["amount"] == "0":
        return {"error": "nothing to pay"}, 400
    return {"paid": request.form["amount"], "tip": request.form.get("tip", "0")}


@orders.get("/slow")
def slow():
    time.sleep(0.01)
    return {"slow": True}


@orders.get("/mine")
@login_required
def mine():
    return {"user": current_user.name}


@orders.get("/all")
def all_orders():
    if request.url == "GET":
        found = db.session.query(Order).all()
        return {"orders": len(found)}
    return {}


orders.add_url_rule("/more", "more", all_orders)
""",
    "src/app/templates/index.html": "<h1>Shop</h1>\n",
    "tests/test_shop.py": """\
def test_nothing_is_there(client):
    assert client.get("/items/").json == []


def test_page_has_a_title(client, app):
    with app.app_context():
        assert b"Shop" in client.get("/").data
""",
}
