"""The operations of jobs.yml, as a part of the service's contract."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from app.standard.contract import (
    ContractError,
    # {% if cookiecutter.use_auth %}
    page_login,
    # {% endif %}
    place_of,
)

FILE = Path(__file__).with_name("jobs.yml")
PATHS: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))["paths"]
# {% if cookiecutter.use_auth %}
ROLE = "jobs.manage"
# {% endif %}


def with_jobs(contract: dict[str, Any]) -> dict[str, Any]:
    """Return the contract with the operations; raise ``ContractError`` if it has such a path."""
    taken = {place_of(path): path for path in contract["paths"]}
    for path in PATHS:
        if place_of(path) in taken:
            raise ContractError(
                f"{taken[place_of(path)]}: the worker's own operations are at this path; choose "
                "another, or do without them by SERVE_JOBS=false"
            )
    # {% if cookiecutter.use_auth %}
    schemes = page_login.schemes_of(contract)
    security = [{page_login.scheme_of(contract): [ROLE]}]
    paths = {
        path: {method: {**operation, "security": security} for method, operation in item.items()}
        for path, item in deepcopy(PATHS).items()
    }
    components = {**contract.get("components", {}), "securitySchemes": schemes}
    return {**contract, "paths": {**contract["paths"], **paths}, "components": components}
    # {% endif %}
    # {% if not cookiecutter.use_auth %}
    return {**contract, "paths": {**contract["paths"], **deepcopy(PATHS)}}
    # {% endif %}
