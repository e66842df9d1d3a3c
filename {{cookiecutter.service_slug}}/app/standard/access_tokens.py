"""Access tokens: what makes one good (RFC 7519, 9068), and who it speaks for."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from app.standard.errors import ServiceError
from app.standard.openid_provider import KeySource

# Others, such as id tokens and refresh tokens, say what they are.
ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
REMEMBERED_TOKENS = 1000


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: the subject of the token, its roles and scopes, and all its claims."""

    subject: str
    roles: frozenset[str]
    claims: Mapping[str, Any]


class InvalidToken(ServiceError):
    """The token is missing or no good (RFC 6750, section 3.1)."""

    status = 401

    def __init__(self, detail: str, *, is_given: bool = True) -> None:
        super().__init__(detail)
        reason = f' error="invalid_token", error_description="{detail}"' if is_given else ""
        self.headers = {"WWW-Authenticate": f"Bearer{reason}"}


class TokenVerifier:
    """Checks access tokens of one issuer for one audience."""

    def __init__(
        self, keys: KeySource, audience: str, *, roles_claim: str, leeway_seconds: float
    ) -> None:
        self.keys = keys
        self.audience = audience
        self.roles_claim = roles_claim
        self.leeway_seconds = leeway_seconds
        self._known: dict[str, tuple[Principal, object]] = {}

    async def verify(self, token: str) -> Principal:
        """Return who the token speaks for; raise ``InvalidToken`` if it is no good.

        Raises ``ServiceUnavailable`` if there are no keys to check it with.
        """
        try:
            header = jwt.get_unverified_header(token)
        except Exception as error:
            raise InvalidToken("The token is not a JWT") from error
        if str(header.get("typ", "JWT")).lower() not in ACCESS_TOKEN_TYPES:
            raise InvalidToken("The token is not an access token")
        key = await self.keys.find_key(header.get("kid"))
        if key is None:
            raise InvalidToken("The key of the token is not known")
        known = self._known.get(token)
        if known and known[1] is key and known[0].claims["exp"] + self.leeway_seconds > time.time():
            return known[0]
        principal = self._principal(self._decode(token, key.key, sorted(key.algorithms)))
        if len(self._known) >= REMEMBERED_TOKENS:
            self._known.clear()
        self._known[token] = (principal, key)
        return principal

    def _decode(self, token: str, key: Any, algorithms: list[str]) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms,
                audience=self.audience,
                issuer=self.keys.issuer,
                leeway=self.leeway_seconds,
                options={"require": ["aud", "exp", "iss", "sub"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise InvalidToken("The token has expired") from error
        # A stranger chose every byte: whatever the library makes of them, the token is no good.
        except Exception as error:
            raise InvalidToken("The token is not valid here") from error
        # Keycloak says there what a token is.
        if claims.get("typ", "Bearer") != "Bearer":
            raise InvalidToken("The token is not an access token")
        return claims

    def _principal(self, claims: dict[str, Any]) -> Principal:
        found = [claims.get(name) for name in ("scope", "scp", "roles")]
        value: Any = claims
        for name in self.roles_claim.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        roles = frozenset(role for given in (*found, value) for role in _names(given))
        return Principal(claims["sub"], roles, claims)


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.split()
    elif isinstance(value, list):
        yield from (name for name in value if isinstance(name, str))
