"""Access tokens: what makes one good (RFC 7519, 9068), and who it speaks for."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.utils import base64url_decode

from app.standard.auth.refused_tokens import InvalidToken, refusal
from app.standard.auth.settings import AuthSettings
from app.standard.auth.signing_keys import KeySource, SigningKey

# RFC 9068 wants the first two; most providers say JWT, or nothing, and Keycloak says Bearer, in a
# claim. Others, such as id tokens and refresh tokens, say what they are.
ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt", "bearer"})
REQUIRED_CLAIMS = ["aud", "exp", "iss", "sub"]
REMEMBERED_TOKENS = 1000


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: the subject of the token, its roles and scopes, and all its claims."""

    subject: str
    roles: frozenset[str]
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Checked:
    """What is known of a token while its time lasts and its key is the provider's."""

    principal: Principal
    good_until: float
    key: SigningKey


class TokenVerifier:
    """Checks access tokens of one issuer for one audience."""

    def __init__(self, keys: KeySource, settings: AuthSettings) -> None:
        self.keys = keys
        self.settings = settings
        # Tokens of this machine are for nobody else, whatever a provider would say.
        self.audience = (settings.auth_issuer and settings.auth_audience) or "development"
        self._checked: dict[str, _Checked] = {}

    async def verify(self, token: str) -> Principal:
        """Return who the token speaks for; raise ``InvalidToken`` if it is no good.

        Raises ``ServiceUnavailable`` if there are no keys to check it with.
        """
        key = await self.keys.find_key(_read_key_id(token))
        if key is None:
            raise InvalidToken("The key of the token is not known", "key")
        checked = self._checked.get(token)
        # Keys that were fetched anew are other objects.
        if not checked or checked.key is not key or checked.good_until <= time.time():
            checked = self._check(token, key)
            if token not in self._checked and len(self._checked) >= REMEMBERED_TOKENS:
                del self._checked[next(iter(self._checked))]
            self._checked[token] = checked
        return checked.principal

    def _check(self, token: str, key: SigningKey) -> _Checked:
        header, claims = self._read_checked(token, key)
        types = {str(header.get("typ", "JWT")).lower(), str(claims.get("typ", "Bearer")).lower()}
        if not types <= ACCESS_TOKEN_TYPES:
            raise InvalidToken("The token is not an access token", "kind")
        # The library, too, cuts off fractions of a second.
        good_until = int(claims["exp"]) + self.settings.auth_leeway
        return _Checked(self._principal(claims), good_until, key)

    def _read_checked(self, token: str, key: SigningKey) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the header and the claims: signature, issuer, audience and times are good."""
        try:
            found = jwt.decode_complete(
                token,
                key.key,
                sorted(key.algorithms),
                audience=self.audience,
                issuer=self.keys.issuer,
                leeway=self.settings.auth_leeway,
                options={"require": REQUIRED_CLAIMS},
            )
            _check_claim_forms(found["payload"])
        # A stranger chose every byte: whatever the library makes of them, the token is no good.
        except Exception as error:
            raise refusal(error) from error
        return found["header"], found["payload"]

    def _principal(self, claims: dict[str, Any]) -> Principal:
        places = ("scope", "scp", "roles", self.settings.auth_roles_claim)
        roles = frozenset(role for place in places for role in _names(_claim_at(place, claims)))
        return Principal(claims["sub"], roles, claims)


def _read_key_id(token: str) -> str | None:
    """Return the id of the key that a token names; nothing of it has been checked yet."""
    try:
        key_id = json.loads(base64url_decode(token.partition(".")[0])).get("kid")
    except Exception as error:
        raise InvalidToken("The token is not a JWT", "form") from error
    # The library leaves out padding, but a token has one spelling (RFC 7515, section 2).
    if not isinstance(key_id, str | None) or "=" in token:
        raise InvalidToken("The token is not a JWT", "form")
    return key_id


def _check_claim_forms(claims: dict[str, Any]) -> None:
    """Raise ``ValueError`` for forms that the library takes and RFC 7519, section 2, does not."""
    times = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if any(type(value) not in (int, float) or abs(value) > 2**53 for value in times):
        raise ValueError("a time must be a number")
    # It is logged, and handlers send it.
    if not claims["sub"] or not claims["sub"].isprintable():
        raise ValueError("the subject must be a text that can be read")


def _claim_at(path: str, claims: dict[str, Any]) -> object:
    """Return the claim of this name, which may have dots in it, or where its dots lead to."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.split()
    elif isinstance(value, list):
        yield from (name for name in value if isinstance(name, str))
