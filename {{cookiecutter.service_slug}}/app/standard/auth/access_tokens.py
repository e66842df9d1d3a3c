"""Access tokens: what makes one good (RFC 7519, 9068), and who it speaks for."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.utils import base64url_decode

from app.standard.auth.claims import check_client, check_forms, roles_at
from app.standard.auth.refused_tokens import KEY_ERRORS, InvalidToken, refusal
from app.standard.auth.settings import AuthSettings
from app.standard.auth.signing_keys import KeySource, SigningKey

# RFC 9068 wants the first two; most providers say JWT, or nothing, and Keycloak says Bearer, in a
# claim. Others, such as id tokens and refresh tokens, say what they are.
ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt", "bearer"})
REQUIRED_CLAIMS = ("exp", "iss", "sub")
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
    """Checks access tokens of one provider for one audience."""

    def __init__(self, keys: KeySource, settings: AuthSettings) -> None:
        self.keys = keys
        self.settings = settings
        self.audiences, self.claim = settings.auth_audience, settings.auth_audience_claim
        if not settings.auth_issuer:
            # Tokens of this machine are for nobody else, whatever a provider would say.
            self.audiences, self.claim = ("development",), "aud"
        self._checked: dict[str, _Checked] = {}

    async def verify(self, token: str) -> Principal:
        """Return who the token speaks for; raise ``InvalidToken`` if it is no good.

        Raises ``ServiceUnavailable`` if there are no keys to check it with.
        """
        keys = await self.keys.find_keys(_read_key_id(token))
        if not keys:
            raise InvalidToken("The key of the token is not known", "key")
        checked = self._checked.get(token)
        # Keys that were fetched anew are other objects.
        if not checked or checked.key not in keys or checked.good_until <= time.time():
            checked = self._check(token, keys)
            if token not in self._checked and len(self._checked) >= REMEMBERED_TOKENS:
                del self._checked[next(iter(self._checked))]
            self._checked[token] = checked
        return checked.principal

    def _check(self, token: str, keys: Sequence[SigningKey]) -> _Checked:
        key, header, claims = self._read_checked(token, keys)
        types = {str(header.get("typ", "JWT")).lower(), str(claims.get("typ", "Bearer")).lower()}
        # Cognito has the same types for all tokens, and says of each what it is for.
        if not types <= ACCESS_TOKEN_TYPES or claims.get("token_use", "access") != "access":
            raise InvalidToken("The token is not an access token", "kind")
        # The library, too, cuts off fractions of a second.
        good_until = int(claims["exp"]) + self.settings.auth_leeway
        return _Checked(self._principal(claims), good_until, key)

    def _read_checked(
        self, token: str, keys: Sequence[SigningKey]
    ) -> tuple[SigningKey, dict[str, Any], dict[str, Any]]:
        """Return the key that signed the token, its header and its claims, which are good."""
        errors = []
        # Keys may share an id (RFC 7517, section 4.5).
        for key in keys:
            try:
                found = self._decode(token, key)
            # A stranger chose every byte: whatever the library makes of them, it is no good.
            except Exception as error:
                errors.append(error)
            else:
                return key, found["header"], found["payload"]
        # That of the key which signed it, if one did.
        cause = min(errors, key=lambda error: isinstance(error, KEY_ERRORS))
        raise refusal(cause) from cause

    def _decode(self, token: str, key: SigningKey) -> dict[str, Any]:
        """Return a token whose signature, issuer, audience, times and forms are good."""
        found = jwt.decode_complete(
            token,
            key.key,
            sorted(key.algorithms),
            audience=self.audiences,
            issuer=key.issuers,
            leeway=self.settings.auth_leeway,
            options={
                "require": [self.claim, *REQUIRED_CLAIMS],
                "verify_aud": self.claim == "aud",
            },
        )
        check_forms(found["payload"])
        if self.claim == "client_id":
            check_client(found["payload"], self.audiences)
        return found

    def _principal(self, claims: dict[str, Any]) -> Principal:
        places = ("scope", "scp", "roles", self.settings.auth_roles_claim)
        roles = frozenset(role for place in places for role in roles_at(place, claims))
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
