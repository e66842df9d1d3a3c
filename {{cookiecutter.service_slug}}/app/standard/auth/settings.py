"""Whose tokens are good here, and how people log in from Swagger UI."""

from typing import Literal, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from app.standard.service import CommaSeparated, ServiceSettings

Value = TypeVar("Value", str | None, tuple[str, ...])


class AuthSettings(ServiceSettings):
    """Whose tokens are good here."""

    auth_issuer: str | None = None
    auth_audience: CommaSeparated = ()
    auth_audience_claim: Literal["aud", "client_id"] = "aud"
    auth_tenants: CommaSeparated = ()
    auth_roles_claim: str = "roles"
    auth_leeway: float = Field(default=30.0, ge=0, le=300)
    auth_keys_retry: float = Field(default=10.0, gt=0, allow_inf_nan=False)
    auth_keys_max_age: float = Field(default=86_400.0, gt=0, allow_inf_nan=False)
    swagger_ui_client_id: str = ""
    swagger_ui_login_parameters: CommaSeparated = ()

    @field_validator("auth_issuer", "auth_audience")
    @classmethod
    def _require_in_production(cls, value: Value, info: ValidationInfo) -> Value:
        if not value and info.data.get("environment") == "production":
            raise ValueError("must be set in production")
        if not value and info.data.get("auth_issuer"):
            raise ValueError("must be set where AUTH_ISSUER is")
        return value

    @field_validator("auth_issuer")
    @classmethod
    def _check_issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        schemes = ["https", "http"] if info.data.get("environment") == "development" else ["https"]
        if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
            raise ValueError("must be an https address; only development may use http")
        return value

    @field_validator("auth_tenants")
    @classmethod
    def _check_tenants(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            # As issuers spell them.
            return tuple(str(UUID(tenant)) for tenant in value)
        except ValueError:
            raise ValueError("must be ids of tenants, such as a GUID, not names") from None

    @field_validator("auth_keys_max_age")
    @classmethod
    def _check_max_age(cls, value: float, info: ValidationInfo) -> float:
        if value <= info.data.get("auth_keys_retry", 0):
            raise ValueError("must be more than AUTH_KEYS_RETRY: else keys expire unfetched")
        return value
