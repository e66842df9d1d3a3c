"""The address of the database: as users of libpq write it, and as asyncpg takes it."""

import os
import re
import ssl
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": (
        "any",
        "primary",
        "standby",
        "prefer-standby",
        "read-write",
        "read-only",
    ),
}
FILES = ("sslrootcert", "sslcert", "sslkey")
OTHERS = ("application_name", "connect_timeout", "host", "options", "port")
# Several hosts where SQLAlchemy knows one; what may stand before them is as it reads it.
HOSTS = re.compile(r"(\w[\w+]*://(?:[^:/]*(?::[^@]*)?@)?+)([^/?@]*,[^/?@]*)(?=[/?]|$)")
# What stands there may be a part of the password, or the password a part of an option.
UNCLEAR = re.compile(r"@.*@|\?\w+=.*@")
HOST = re.compile(r"(\[[^\]]+\]|/.*|[^:]*)(?::(\d+))?")


def to_asyncpg_url(url: str) -> URL:
    """Name asyncpg as the driver, and check what users of libpq write, for ``make_engine``.

    ``sslmode`` becomes ``ssl``, and several hosts one list, with a list of their ports.
    Raises ``ValueError``, without the address, if it is not one of PostgreSQL, or asks for what
    is not supported.
    """
    parsed, hosts = _parse(url)
    options = {name: _one(name, value) for name, value in parsed.query.items()}
    if "ssl" in options:
        options["sslmode"] = options.pop("ssl")
    _check(options)
    if "sslmode" in options:
        options["ssl"] = options.pop("sslmode")
    hosts = options.get("host", hosts or parsed.host or "")
    if "," in hosts or "port" in options:
        options |= _pair(hosts, options.get("port"))
    return parsed.set(drivername="postgresql+asyncpg", query=options)


def _parse(url: str) -> tuple[URL, str]:
    """Return the address without the hosts before its options, and those, if they are several."""
    hosts = ""
    is_clear = not UNCLEAR.search(url)
    if listed := HOSTS.match(url):
        hosts = listed[2]
        url = listed[1] + url[listed.end() :]
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Both messages hold a part of the address.
        is_clear = False
    if not is_clear or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError(
            "must be an address such as postgresql://user:password@host:5432/name,"
            " with %40 for any other @"
        )
    return parsed, hosts


def _one(name: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    # Repeated, a host is one more; of all others the last one counts.
    return ",".join(value) if name in ("host", "port") else value[-1]


def _check(options: dict[str, str]) -> None:
    if unknown := sorted(options.keys() - {*CHOICES, *FILES, *OTHERS}):
        raise ValueError(f"has options that are not supported: {', '.join(unknown)}")
    for name, choices in CHOICES.items():
        if options.get(name, choices[0]) not in choices:
            raise ValueError(f"{name} must be one of {', '.join(choices)}")
    if not re.fullmatch(r"[1-9]\d*", options.get("connect_timeout", "1"), re.ASCII):
        raise ValueError("connect_timeout must be a whole number of seconds, at least 1")
    _check_certificates(options)


def _check_certificates(options: dict[str, str]) -> None:
    """Read the files, which asyncpg would do at each connect."""
    authority, certificate, key = (options.get(name) for name in FILES)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if authority:
            context.load_verify_locations(authority)
    except OSError:
        raise ValueError("sslrootcert must name a readable file of certificates (PEM)") from None
    try:
        if certificate:
            context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError:
        raise ValueError(
            "sslcert and sslkey must name readable files (PEM) of a certificate and its key,"
            " which has no passphrase"
        ) from None
    mode = options.get("sslmode", "")
    if mode.startswith("verify") and not authority and not _finds_authority():
        raise ValueError(f"sslmode={mode} needs sslrootcert, a file of certificates (PEM)")


def _finds_authority() -> bool:
    """Tell whether asyncpg finds certificates where libpq looks for them by default."""
    if os.environ.get("PGSSLROOTCERT"):
        return True
    try:
        return (Path.home() / ".postgresql" / "root.crt").exists()
    except (RuntimeError, KeyError):
        return False


def _pair(hosts: str, ports: str | None) -> dict[str, str]:
    """Give several hosts, and a port for each, in two lists."""
    names, numbers = hosts.split(","), (ports or "").split(",")
    if ports is None:
        found = [HOST.fullmatch(name) for name in names]
        names = [each[1].strip("[]") if each else "" for each in found]
        numbers = [(each and each[2]) or "5432" for each in found]
    elif len(numbers) == 1:
        numbers *= len(names)
    is_list = len(names) == len(numbers) and (len(names) == 1 or all(names))
    if not is_list or not all(re.fullmatch(r"\d+", number, re.ASCII) for number in numbers):
        raise ValueError("must have a host and a port for each server: host1:5432,host2:5433")
    return {"host": ",".join(names), "port": ",".join(numbers)}
