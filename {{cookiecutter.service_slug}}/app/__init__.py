"""The application factory."""

from pathlib import Path

import config
from app.modules import MODULES

# {%- if cookiecutter.framework == "fastapi" +%}
from app.routes import router

# {%- endif +%}
from app.standard.contract import load_contract
from app.standard.framework import App, assemble

# {%- if cookiecutter.framework == "fastapi" +%}
from app.standard.framework.code_routes import add_router

# {%- endif +%}
from app.standard.service import Application, load_settings

CONTRACT_FILE = Path(__file__).parent.parent / "api-spec.yml"


def create_app(
    settings: "config.Settings | None" = None, contract_file: Path = CONTRACT_FILE
) -> App:
    """Build the application from its settings, its contract and the standard modules."""
    application = Application(
        settings=settings or load_settings(config.Settings),
        contract=load_contract(contract_file),
    )
    # {% if cookiecutter.framework == "fastapi" %}
    add_router(application, router)
    # {% endif %}
    for module in MODULES:
        module.init_app(application)
    return assemble(application)
