"""What the contract says happens: it is read, routed, validated, handled, and shown at /ui/.

The entry point reads it, and the framework takes its handlers; a problem says what is not so.
"""

from app.standard.contract import swagger_ui
from app.standard.contract.formats import INTEGER_IN_PATH, NUMBER_IN_PATH, add_formats
from app.standard.contract.handlers import Handler, HandlerResolver, Reply, reply_of
from app.standard.contract.public import public_contract
from app.standard.contract.reading import ContractError, concrete_first, load_contract, operations
from app.standard.contract.routing import (
    OwnRoutesMiddleware,
    RoutedOperationMiddleware,
    routed_operation,
)
from app.standard.contract.settings import ContractSettings
from app.standard.contract.validation import VALIDATORS
from app.standard.service import Application


def init_app(application: Application) -> None:
    """Check the formats of the contract, and show it, unless the settings turn that off."""
    add_formats()
    if application.settings_as(ContractSettings).serve_api_docs:
        application.routes += swagger_ui.routes(public_contract(application.contract))
