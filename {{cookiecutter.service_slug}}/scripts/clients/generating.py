"""Clients as openapi-python-client makes them, with the templates beside this file."""

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import ErrorLevel

from clients.answers import (
    detailed_name,
    failures,
    is_detailed,
    is_readable,
    is_streamed,
    successes,
    types,
)
from clients.contracts import Contract
from clients.parsing import parse, said
from clients.preparing import Prepared, Style, prepare
from clients.refusals import Refused

TEMPLATES = Path(__file__).parent / "templates"


def generate(name: str, contract: Contract, options: ConfigFile, folder: Path) -> list[str]:
    """Write the client of a service into a new folder; return what was left out, and why.

    Raises ``Refused`` if the contract is none, or if a hook fails.
    """
    prepared = prepare(name, contract, options.field_prefix)
    overrides = prepared.overrides | (options.content_type_overrides or {})
    options = options.model_copy(update={"content_type_overrides": overrides})
    config = Config.from_sources(options, MetaType.NONE, folder, "utf-8", False, folder)
    parsed = parse(name, prepared.contract, config)
    project = Project(openapi=parsed, config=config, custom_template_path=TEMPLATES)
    project.env.globals.update(_globals(parsed, prepared))
    project.env.tests |= {"readable": is_readable, "detailed": is_detailed}
    # The hooks call ruff, which is installed beside this Python.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # Else its cache is a part of the client, and differs with each folder.
    os.environ["RUFF_NO_CACHE"] = "true"
    with contextlib.redirect_stdout(io.StringIO()):
        errors = project.build()
    for error in errors:
        if error.level is ErrorLevel.ERROR or error in project.errors:
            raise Refused(f"{name}: {said(error)}")
    return [*prepared.left_out, *map(said, errors)]


def _globals(parsed: GeneratorData, prepared: Prepared) -> dict[str, Any]:
    """Return what the templates ask for."""
    collections = parsed.endpoint_collections_by_tag.values()
    endpoints = [endpoint for each in collections for endpoint in each.endpoints]
    told = [answer for each in endpoints for answer in failures(each) if is_readable(answer)]

    def style(endpoint: Any, place: str, parameter: Any) -> Style:
        key = (str(endpoint.name), place, parameter.name.get_untrusted_value())
        return prepared.styles[key]

    return {
        "endpoints": endpoints,
        "models": sorted(each.class_info.name for each in [*parsed.models, *parsed.enums]),
        "problem_types": types(told, "None"),
        "problem_imports": sorted({line for each in told for line in _imports(each.prop)}),
        "style": style,
        "types": types,
        "body_types": body_types,
        "successes": successes,
        "failures": failures,
        "detailed_name": detailed_name,
        "is_streamed": is_streamed,
    }


def body_types(endpoint: Any) -> str:
    """Return how the body of an operation is declared: any of those that it takes."""
    names = [
        each.prop.get_type_string(no_optional=True).as_unembedded_code() for each in endpoint.bodies
    ]
    is_required = any(each.prop.required for each in endpoint.bodies)
    return (
        " | ".join(dict.fromkeys(names)) if is_required else " | ".join([*names, "Unset = UNSET"])
    )


def _imports(prop: Any) -> set[str]:
    found: set[str] = prop.get_imports(prefix=".") | prop.get_lazy_imports(prefix=".")
    return found
