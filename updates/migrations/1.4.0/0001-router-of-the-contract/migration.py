"""The contract has a router of its own, in the place of Connexion's."""

from pathlib import Path

from updates.codemods import list_uses

CONTRACT = "app.standard.contract"
GONE = {
    f"{CONTRACT}.RoutedOperationMiddleware": "ContractRoutingMiddleware does what it did",
    f"{CONTRACT}.for_connexion": "the room of the framework has it, where Connexion is used",
}


def migrate(folder: Path) -> list[str]:
    """Tell which files use what is gone."""
    return list_uses(folder, GONE)
