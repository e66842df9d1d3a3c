"""The application factory."""

from pathlib import Path

from connexion.apps.abstract import AbstractApp

import config
from app.modules import MODULES
from app.standard.contract import load_contract
from app.standard.framework import assemble
from app.standard.service import Application, load_settings

CONTRACT_FILE = Path(__file__).parent.parent / "api-spec.yml"


def create_app(
    settings: "config.Settings | None" = None, contract_file: Path = CONTRACT_FILE
) -> AbstractApp:
    """Build the application from its settings, its contract and the standard modules."""
    application = Application(
        settings=settings or load_settings(config.Settings),
        contract=load_contract(contract_file),
    )
    for module in MODULES:
        module.init_app(application)
    return assemble(application)
