"""What the contract says happens: it is read, compiled, routed, and shown at /ui/.

The entry point reads it, and the framework takes its operations; a problem says what is not so.
"""

from app.standard.contract import (
    # {% if cookiecutter.framework == "fastapi" and cookiecutter.use_auth %}
    login_redirect,
    # {% endif %}
    # {% if cookiecutter.use_auth and (cookiecutter.use_page or cookiecutter.use_worker and cookiecutter.queue == "pgqueuer") %}
    page_login,
    # {% endif %}
    swagger_ui,
)
from app.standard.contract.compiling import Operations, compile_operations
from app.standard.contract.handlers import Reply, reply_of

# {%- if cookiecutter.use_page or cookiecutter.use_worker and cookiecutter.queue == "pgqueuer" +%}
from app.standard.contract.own_pages import page_route

# {%- endif +%}
from app.standard.contract.paths import is_own, place_of, refuse_shadowed
from app.standard.contract.public import public_contract
from app.standard.contract.reading import base_path, load_contract, operations
from app.standard.contract.routing import (
    ContractRoutingMiddleware,
    OwnRoutesMiddleware,
    current_operation,
    routed_operation,
)
from app.standard.contract.settings import ContractSettings

# {%- if cookiecutter.framework == "fastapi" +%}
from app.standard.contract.upgrading import as_of_3_1

# {%- endif +%}
from app.standard.service import Application
from app.standard.validation import CompiledOperation, ContractError


def init_app(application: Application) -> None:
    """Show the contract, unless the settings turn that off."""
    if application.settings_as(ContractSettings).serve_api_docs:
        # {% if cookiecutter.framework != "fastapi" %}
        application.routes += swagger_ui.routes(public_contract(application.contract))
        # {% endif %}
        # {% if cookiecutter.framework == "fastapi" %}
        application.routes += swagger_ui.routes(public_contract(application.documented))
        # {% endif %}
