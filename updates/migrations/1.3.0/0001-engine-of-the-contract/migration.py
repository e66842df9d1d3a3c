"""The contract has an engine of its own, without the parts that were hung into Connexion's."""

from pathlib import Path

from updates.codemods import list_uses

CONTRACT = "app.standard.contract"
GONE = {
    f"{CONTRACT}.Handler": "handlers are plain functions: say Callable[..., object]",
    f"{CONTRACT}.HandlerResolver": "the engine finds the handlers; nothing takes its place",
    f"{CONTRACT}.INTEGER_IN_PATH": "a parameter of a path is what its schema says",
    f"{CONTRACT}.NUMBER_IN_PATH": "a parameter of a path is what its schema says",
    f"{CONTRACT}.VALIDATORS": "what requests must be stands in the contract",
    f"{CONTRACT}.add_formats": "the formats of JSON Schema and OpenAPI are all checked",
    f"{CONTRACT}.concrete_first": "the engine takes the most concrete path by itself",
    "app.standard.framework.flask_app.LoopBridgeMiddleware": "operations run without a thread",
}


def migrate(folder: Path) -> list[str]:
    """Tell which files use what is gone."""
    return list_uses(folder, GONE)
