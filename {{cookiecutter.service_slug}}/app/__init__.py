"""The application factory."""

from pathlib import Path

from connexion.apps.abstract import AbstractApp

import config
from app.modules import MODULES
from app.standard.service import Service
from app.standard.settings import load_settings
from app.standard.spec import load_spec

SPEC_FILE = Path(__file__).parent.parent / "api-spec.yml"


def create_app(
    settings: "config.Settings | None" = None, spec_file: Path = SPEC_FILE
) -> AbstractApp:
    """Build the application from its settings, its contract and the standard modules."""
    service = Service(
        settings=settings or load_settings(config.Settings),
        spec=load_spec(spec_file),
    )
    for module in MODULES:
        module.init_app(service)
    return service.build_app()
