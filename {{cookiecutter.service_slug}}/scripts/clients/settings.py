"""What ``client-gen-config.json`` says: the services, and options of openapi-python-client."""

import json
import re
from keyword import iskeyword
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from openapi_python_client.config import ConfigFile
from pydantic import ValidationError

from clients.refusals import Refused

CONFIG = "client-gen-config.json"


class Service(NamedTuple):
    """A service that we call: its name here, and the file or the address of its contract."""

    name: str
    contract: str

    @property
    def is_remote(self) -> bool:
        """Tell whether the contract is at an address."""
        return "://" in self.contract


def read_settings(project: Path) -> tuple[list[Service], ConfigFile]:
    """Return the services and the options; raise ``Refused`` where one is not understood."""
    try:
        settings = json.loads((project / CONFIG).read_text("utf-8"))
    except OSError as error:
        raise Refused(f"{CONFIG} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise Refused(f"{CONFIG} is no JSON: {error}.") from None
    if not isinstance(settings, dict):
        raise Refused(f"{CONFIG} must be an object, in braces.")
    listed = settings.pop("services", [])
    if unknown := sorted(settings.keys() - ConfigFile.model_fields.keys()):
        known = ", ".join(["services", *sorted(ConfigFile.model_fields)])
        raise Refused(f"{CONFIG} has {', '.join(unknown)}: known are {known}.")
    try:
        options = ConfigFile(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Refused(f"{CONFIG}: {place}: {first['msg']}.") from None
    return read_services(listed), options


def read_services(listed: Any) -> list[Service]:
    """Return the services of the list; raise ``Refused`` where one is not understood."""
    if not isinstance(listed, list):
        raise Refused(f"{CONFIG}: services must be a list of objects with name and contract.")
    services = [read_service(number, each) for number, each in enumerate(listed)]
    names = [service.name for service in services]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"{CONFIG}: two services have the name {twice[0]}: each wants its own.")
    return services


def read_service(number: int, given: Any) -> Service:
    """Return one service of the list; raise ``Refused`` if it is not understood."""
    place = f"{CONFIG}: services[{number}]"
    if not isinstance(given, dict) or given.keys() != {"name", "contract"}:
        raise Refused(f"{place} must have name and contract, and nothing else.")
    name, contract = given["name"], given["contract"]
    is_name = isinstance(name, str) and re.fullmatch("[a-z][a-z0-9_]*", name)
    if not is_name or iskeyword(name):
        raise Refused(
            f"{place}.name must be a Python name of lower-case letters, digits and _, "
            "with a letter first, such as prices."
        )
    if not isinstance(contract, str) or not contract:
        raise Refused(f"{place}.contract must be a file of this repository, or an address.")
    if "://" in contract:
        parts = urlsplit(contract)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused(f"{place}.contract must be an http or https address, or a file.")
        if "@" in parts.netloc:
            raise Refused(f"{place}.contract must have no user and no password in it.")
    return Service(name, contract)
