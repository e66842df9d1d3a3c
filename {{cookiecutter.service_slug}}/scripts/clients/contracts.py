"""Contracts of other services: fetched, checked, and kept in ``app/clients/`` as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from clients.refusals import Refused
from clients.settings import Service

Contract = dict[str, Any]


def fetch(service: Service, project: Path, timeout: float = 30.0) -> Contract:
    """Return the contract as it is now; raise ``Refused`` if it is not there, or is none."""
    raw = _download(service, timeout) if service.is_remote else _read(service, project)
    try:
        # JSON is YAML too, and 1.2 knows no dates and no yes.
        found = YAML(typ="safe", pure=True).load(raw)
    except (YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise Refused(f"{service.name}: {service.contract} is no YAML or JSON: {reason}") from None
    return check(service, found)


def check(service: Service, found: Any) -> Contract:
    """Return what is a contract that clients can be made of; raise ``Refused`` for any other."""
    version = found.get("openapi") if isinstance(found, dict) else None
    if not isinstance(version, str) or not version.startswith("3."):
        raise Refused(f"{service.name}: {service.contract} is no contract of OpenAPI 3.")
    if not isinstance(found.get("paths"), dict):
        raise Refused(f"{service.name}: {service.contract} has no paths.")
    if away := next((each for each in _references(found) if not each.startswith("#")), None):
        raise Refused(
            f"{service.name}: {service.contract} refers to another document, {away}: "
            "it must be one file, as a service serves it at /openapi.json."
        )
    # As it is kept: keys are texts, and dates too.
    kept: Contract = json.loads(json.dumps(found, default=str))
    return kept


def to_text(contract: Contract) -> str:
    """Return the contract as it is kept."""
    return json.dumps(contract, indent=2, ensure_ascii=False) + "\n"


def read_kept(file: Path) -> Contract:
    """Return a contract that is kept; raise ``Refused`` if somebody broke it."""
    try:
        kept: Contract = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise Refused(f"{file.name} is no JSON: {error}; --refresh writes it anew.") from None
    return kept


def _read(service: Service, project: Path) -> bytes:
    try:
        return (project / service.contract).read_bytes()
    except OSError as error:
        raise Refused(
            f"{service.name}: {service.contract} cannot be read: {error.strerror}."
        ) from None


def _download(service: Service, timeout: float) -> bytes:
    try:
        response = httpx.get(service.contract, timeout=timeout, follow_redirects=True)
        response.raise_for_status()
        content: bytes = response.content
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise Refused(f"{service.name}: {service.contract} answers {status}.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(f"{service.name}: {service.contract} is out of reach: {error}.") from None
    return content


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)
