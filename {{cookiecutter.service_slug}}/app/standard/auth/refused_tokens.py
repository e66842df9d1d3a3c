"""Why a token is refused: a little for the caller (RFC 6750), the class of the cause for the log."""

import jwt

from app.standard.http import ServiceError

# The token is not signed by this key, or not as this key signs.
KEY_ERRORS = (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError, jwt.InvalidKeyError)
# The first that fits; what the library makes of everything else is a matter of form.
CAUSES: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "expiry",
    jwt.ImmatureSignatureError: "not yet valid",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    **dict.fromkeys(KEY_ERRORS, "key"),
}
CLAIMS = {"aud": "audience", "client_id": "audience", "exp": "expiry", "iss": "issuer"}


class InvalidToken(ServiceError):
    """The token is missing or no good (RFC 6750, section 3.1); only the log has the cause."""

    status = 401

    def __init__(self, detail: str, cause: str, *, is_given: bool = True) -> None:
        super().__init__(detail)
        self.cause = cause
        reason = f' error="invalid_token", error_description="{detail}"' if is_given else ""
        self.headers = {"WWW-Authenticate": f"Bearer{reason}"}


def refusal(error: Exception) -> InvalidToken:
    """Return how a token is refused that the library takes for no good."""
    cause = next((name for kind, name in CAUSES.items() if isinstance(error, kind)), "form")
    if isinstance(error, jwt.MissingRequiredClaimError):
        cause = CLAIMS.get(error.claim, cause)
    is_old = isinstance(error, jwt.ExpiredSignatureError)
    return InvalidToken("The token has expired" if is_old else "The token is not valid here", cause)
