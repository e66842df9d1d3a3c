"""The operations of jobs.yml, as a part of the service's contract."""

from copy import deepcopy

# {%- if cookiecutter.use_auth +%}
from itertools import chain

# {%- endif +%}
from pathlib import Path
from typing import Any

import yaml

from app.standard.contract import (
    ContractError,
    # {% if cookiecutter.use_auth %}
    operations,
    # {% endif %}
    place_of,
)

FILE = Path(__file__).with_name("jobs.yml")
PATHS: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))["paths"]
# {% if cookiecutter.use_auth %}
ROLE = "jobs.manage"
# Of a contract without any.
SCHEMES = {"bearer": {"type": "http", "scheme": "bearer"}}
# {% endif %}


# {% if cookiecutter.use_auth %}
def scheme_of(contract: dict[str, Any]) -> str:
    """Return the name of the security scheme that the contract asks for first, if it has one."""
    asking = [contract, *(operation for _, _, operation in operations(contract))]
    asked = (name for each in asking for names in each.get("security") or [] for name in names)
    declared = contract.get("components", {}).get("securitySchemes") or SCHEMES
    return str(next(chain(asked, declared)))


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
    schemes = contract.get("components", {}).get("securitySchemes") or SCHEMES
    security = [{scheme_of(contract): [ROLE]}]
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
