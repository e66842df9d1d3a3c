"""Tokens without an identity provider, signed with a key of this machine.

``python -m development.tokens --subject ann --role items.read`` prints one.
"""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm

from app.standard.auth import SigningKey

# Git ignores it.
KEY_FILE = Path(".development-key.json")
ISSUER = "development"
AUDIENCE = "development"
# Its keys are read and made in no time, unlike those of RSA.
ALGORITHM = "ES256"
COMMAND = "A token is what `python -m development.tokens --role NAME` prints."
SECONDS = 12 * 3600


class DevelopmentKeys:
    """The key in a file, made on first use; it signs tokens and checks them."""

    def __init__(self, file: Path | None = None) -> None:
        self._private = _read_or_make(file or KEY_FILE)
        public = self._private.public_key()
        self._public = SigningKey(public, frozenset({ALGORITHM}), frozenset({ISSUER}))

    async def find_keys(self, key_id: str | None) -> Sequence[SigningKey]:
        """Return the key of this machine."""
        return [self._public]

    async def check(self) -> Mapping[str, object]:
        """Tell that tokens of this machine are good."""
        return {"issuer": ISSUER}

    async def describe(self, scheme: dict[str, Any]) -> dict[str, Any]:
        """Have Swagger UI ask for a token, since there is nowhere to log in."""
        return {"type": "http", "scheme": "bearer", "description": COMMAND}

    def issue(self, subject: str, roles: Sequence[str] = (), **claims: Any) -> str:
        """Return an access token; ``claims`` replace what it would say otherwise."""
        now = int(time.time())
        standard = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": list(roles),
            "iat": now,
            "exp": now + SECONDS,
        }
        return jwt.encode(standard | claims, self._private, ALGORITHM, headers={"typ": "at+jwt"})


def _read_or_make(file: Path) -> Any:
    if not file.exists():
        key = ECAlgorithm.to_jwk(generate_private_key(SECP256R1()))
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(key, "utf-8")
        # In one step, and never over a key that another process made meanwhile.
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return jwt.PyJWK(json.loads(file.read_text("utf-8"))).key


def main() -> None:
    """Print a token for a subject with roles."""
    parser = argparse.ArgumentParser(prog="python -m development.tokens", description=main.__doc__)
    parser.add_argument("--subject", default="developer")
    parser.add_argument("--role", action="append", default=[], dest="roles")
    arguments = parser.parse_args()
    print(DevelopmentKeys().issue(arguments.subject, arguments.roles))


if __name__ == "__main__":
    main()
