"""The settings of the caller: where the shop is, and who we are there."""

from pydantic import HttpUrl, SecretStr

from app.modules import StandardSettings


class Settings(StandardSettings):
    """The standard settings and the service's own."""

    shop_url: HttpUrl
    shop_client_id: str
    shop_client_secret: SecretStr
