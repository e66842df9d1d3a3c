"""What stops the start of a service that asks for tokens, and what production must not have."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from identity.conftest import OVERLAY, Program, Start
from identity.issuer import Issuer
from identity.keys import ROLE, rsa_key, token

SECRET = "hunter2"  # noqa: S105
REQUIRED = "must be set in production"
TLS = "must be an https address; only development may use http"
GOOD_ISSUER = "https://issuer.example"
# The settings, and the lines that the service ends with.
BAD_SETTINGS: dict[str, tuple[dict[str, str], list[str]]] = {
    "production-without": (
        {"ENVIRONMENT": "production"},
        [f"AUTH_ISSUER: {REQUIRED}", f"AUTH_AUDIENCE: {REQUIRED}"],
    ),
    "production-without-tls": (
        {"ENVIRONMENT": "production", "AUTH_ISSUER": f"http://{SECRET}", "AUTH_AUDIENCE": "a"},
        [f"AUTH_ISSUER: {TLS}"],
    ),
    "test-without-tls": (
        {"ENVIRONMENT": "test", "AUTH_ISSUER": f"http://{SECRET}", "AUTH_AUDIENCE": "a"},
        [f"AUTH_ISSUER: {TLS}"],
    ),
    "development-without-audience": (
        {"AUTH_ISSUER": GOOD_ISSUER},
        ["AUTH_AUDIENCE: must be set where AUTH_ISSUER is"],
    ),
    "audience-of-commas": (
        {"AUTH_ISSUER": GOOD_ISSUER, "AUTH_AUDIENCE": " , "},
        ["AUTH_AUDIENCE: must be set where AUTH_ISSUER is"],
    ),
    "words": (
        {"AUTH_TENANTS": f"{SECRET}.example", "AUTH_AUDIENCE_CLAIM": SECRET},
        [
            "AUTH_AUDIENCE_CLAIM: Input should be 'aud' or 'client_id'",
            "AUTH_TENANTS: must be ids of tenants, such as a GUID, not names",
        ],
    ),
    "numbers": (
        {"AUTH_LEEWAY": "inf", "AUTH_KEYS_RETRY": "nan", "AUTH_KEYS_MAX_AGE": SECRET},
        [
            "AUTH_LEEWAY: Input should be less than or equal to 300",
            "AUTH_KEYS_RETRY: Input should be a finite number",
            "AUTH_KEYS_MAX_AGE: Input should be a valid number, unable to parse string as a number",
        ],
    ),
    "ages": (
        {"AUTH_KEYS_RETRY": "60", "AUTH_KEYS_MAX_AGE": "60", "AUTH_ISSUER": SECRET},
        [
            f"AUTH_ISSUER: {TLS}",
            "AUTH_KEYS_MAX_AGE: must be more than AUTH_KEYS_RETRY: else keys expire unfetched",
        ],
    ),
}
# The variables and the contract that a service is started with.
Attempt = tuple[dict[str, str], str]
DEFAULT = "security:\n  - oauth2: [reader]\n"
ANYBODY = "- oauth2: []"
BEARER = "bearer: { type: http, scheme: bearer }"
# What stands in the contract, what takes its place, and what the message must say.
BAD_CONTRACTS: dict[str, tuple[str, str, str]] = {
    "missing": (DEFAULT, "", "has no security; a public operation says security: []"),
    "null": ("security: []\n", "security:\n", 'get/security: it is not of type "array"'),
    "object": ("security: []\n", "security: {}\n", 'get/security: it is not of type "array"'),
    "optional": (ANYBODY, "- {}", "GET /anybody: each entry of its security must name one scheme"),
    "two": (ANYBODY, "- { oauth2: [], bearer: [] }", "GET /anybody: each entry of its security"),
    "unknown": (ANYBODY, "- oauth: []", "GET /anybody: nobody checks its security scheme oauth"),
    "text": (ANYBODY, "- oauth2: reader", 'security/0/oauth2: it is not of type "array"'),
    "null-roles": (ANYBODY, "- oauth2:", 'security/0/oauth2: it is not of type "array"'),
    "words": (ANYBODY, "- oauth2: [a b]", "GET /anybody: the roles of oauth2 must be a list"),
    "api-key": (BEARER, "bearer: { type: apiKey, in: header, name: a }", "scheme bearer"),
    "basic": (BEARER, "bearer: { type: http, scheme: basic }", "GET /writer: nobody checks"),
    "reference": ("  /public:\n", "  /a: { $ref: b }\n  /public:\n", "/b: it cannot be read"),
}


def attempt(program: Program, attempts: list[Attempt]) -> list[tuple[str, int]]:
    """Start a service with these variables and contracts; return what it printed, and its exit."""
    folder, python, variables = program
    clean = {name: value for name, value in variables.items() if not name.startswith("AUTH_")}
    result = subprocess.run(
        [python, "attempts.py"],
        cwd=folder,
        env=clean,
        input=json.dumps(attempts),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: list[tuple[str, int]] = json.loads(result.stdout)
    return found


@pytest.fixture
def copy(program: Program, tmp_path: Path) -> Program:
    """Give a service that may be changed."""
    folder, python, variables = program
    shutil.copytree(folder, tmp_path / "my-service")
    return tmp_path / "my-service", python, variables


# Settings and contracts are read alike on all frameworks, so each is tried on one.
@pytest.mark.parametrize("framework", ["flask"], indirect=True, scope="session")
def test_bad_settings_stop_the_start(copy: Program) -> None:
    contract = (copy[0] / "api-spec.yml").read_text("utf-8")
    attempts: list[Attempt] = [(settings, contract) for settings, _ in BAD_SETTINGS.values()]

    results = attempt(copy, attempts)

    told = [[line.strip() for line in output.splitlines()[1:]] for output, _ in results]
    assert dict(zip(BAD_SETTINGS, told, strict=True)) == {
        name: lines for name, (_, lines) in BAD_SETTINGS.items()
    }
    assert {status for _, status in results} == {1}
    assert not [output for output, _ in results if SECRET in output]


@pytest.mark.parametrize("framework", ["async"], indirect=True, scope="session")
def test_bad_contract_stops_the_start(copy: Program) -> None:
    good = (OVERLAY / "api-spec.yml").read_text("utf-8")
    assert [before for before, _, _ in BAD_CONTRACTS.values() if before not in good] == []
    contracts = [good.replace(old, new, 1) for old, new, _ in BAD_CONTRACTS.values()]
    attempts: list[Attempt] = [({}, contract) for contract in contracts]

    results = attempt(copy, attempts)

    assert {status for _, status in results} == {1}
    assert [
        output
        for (output, _), (_, _, said) in zip(results, BAD_CONTRACTS.values(), strict=True)
        if said not in output or len(output.splitlines()) != 1
    ] == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate of this machine, with its key."""
    key = rsa_key("tls").private
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    address = x509.IPAddress(ip_address("127.0.0.1"))
    builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    forms = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "certificate.pem"
    signed = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    file.write_bytes(signed + key.private_bytes(*forms))
    return file


def test_production_neither_knows_nor_needs_what_development_has(
    copy: Program, start: Start, certificate: Path
) -> None:
    folder, python, variables = copy
    command = [str(python), "-m", "development.tokens", "--role", ROLE]
    issued = subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)
    shutil.rmtree(folder / "development")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    settings = {"ENVIRONMENT": "production", "SSL_CERT_FILE": str(certificate)}
    with (
        Issuer(rsa_key("main"), tls=tls).running() as issuer,
        start(issuer.address, folder=folder, **settings) as running,
    ):
        good = token(rsa_key("main"), issuer.address)
        assert running.ask("/reader", good).status == 200
        assert running.ask("/reader", issued.stdout.strip()).status == 401

    contract = (OVERLAY / "api-spec.yml").read_text("utf-8")
    ((output, status),) = attempt(copy, [({"ENVIRONMENT": "development"}, contract)])
    assert (status, "No module named 'development'" in output) == (1, True)
