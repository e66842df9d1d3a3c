"""What openapi-python-client makes of a contract, with names that go together."""

from typing import Any

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.schema.untrusted_string import UntrustedString

from clients.answers import detailed_name, is_detailed
from clients.contracts import Contract
from clients.refusals import Refused, twins
from clients.settings import CONFIG

# What a client has beside its models.
OURS = {"ResponseError", "UNSET", "Unset"}


def parse(name: str, contract: Contract, config: Config) -> GeneratorData:
    """Return what the generator makes of a contract; raise ``Refused`` if it can nothing."""
    try:
        parsed = GeneratorData.from_dict(contract, config=config)
    except ValueError as error:
        # Two values of an enum would have one name.
        raise Refused(f"{name}: {error}") from None
    if isinstance(parsed, GeneratorError):
        raise Refused(f"{name}: {said(parsed)}")
    for each in [*parsed.models, *parsed.enums]:
        if each.class_info.name in OURS:
            raise Refused(
                f"{name}: the client has a {each.class_info.name} of its own: give that of the "
                f"contract another class_name and module_name, by class_overrides in {CONFIG}."
            )
    collections = parsed.endpoint_collections_by_tag.values()
    endpoints = [endpoint for each in collections for endpoint in each.endpoints]
    for endpoint in endpoints:
        _rename(endpoint, config)
    _refuse_twins(name, endpoints)
    return parsed


def _refuse_twins(name: str, endpoints: list[Any]) -> None:
    """Raise ``Refused`` if an operation is called as the second function of another one."""
    named = {str(each.name): each for each in endpoints}
    for each in filter(is_detailed, endpoints):
        twin = named.get(detailed_name(each))
        if twin:
            first, second = (
                f"{one.method} {one.path.get_untrusted_value()}" for one in (each, twin)
            )
            raise twins(name, first, second, str(twin.name))


def _rename(endpoint: Any, config: Config) -> None:
    """Have no parameter of an operation with a body be ``body``, as one that is ``client`` is."""
    for place, parameter in endpoint.iter_all_parameters():
        if endpoint.bodies and parameter.python_name == "body":
            parameter.set_python_name(UntrustedString(f"body_{place}"), config=config)
            path = endpoint.path.get_untrusted_value()
            endpoint.path = UntrustedString(path.replace("{body}", "{body_path}"))


def said(error: GeneratorError) -> str:
    """Return what the generator says, in one line."""
    lines = f"{error.header.strip()} {error.detail or ''}".split()
    return " ".join(lines)[:600]
