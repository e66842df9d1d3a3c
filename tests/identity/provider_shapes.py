"""What providers issue: the shapes of their tokens and keys, by the rows of docs/auth.md.

Names in capitals stand for what a team fills in; the keys are made here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

CLIENT = "6e74172b-be56-4843-9ff4-e66a39bb12e3"
TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
OTHER = "bbbbcccc-1111-dddd-2222-eeee3333ffff"
STRANGER = "ccccdddd-2222-eeee-3333-ffff4444aaaa"
FILLED_IN = {
    "REALM": "shop",
    "TENANT": TENANT,
    "OTHER": OTHER,
    "CLIENT": CLIENT,
    "REGION": "eu-west-1",
    "POOL": "eu-west-1_Example",
}
GROUPS = "cognito:groups"
ENTRA = "https://login.microsoftonline.com"
Claims = dict[str, Any]
HEADER: Claims = {"typ": "JWT"}


class Shape(NamedTuple):
    """What a provider issues; ``refused`` are changes of a good token, and the cause in the log.

    The issuer in ``claims`` is what the provider calls itself unless ``calls_itself`` says.
    """

    claims: Claims
    roles: set[str]
    key: Claims
    refused: dict[str, tuple[Claims, str]]
    header: Claims = HEADER
    calls_itself: str = ""


KEYCLOAK = {
    "iss": "https://HOST/realms/REALM",
    "aud": ["items", "account"],
    "sub": "f3b0c4a2-6e0a-4f6e-9f0b-1d2c3b4a5e6f",
    "typ": "Bearer",
    "azp": "web",
    "sid": "5f1c",
    "acr": "1",
    "jti": "onrtac:0c1b",
    "realm_access": {"roles": ["reader", "offline_access"]},
    "resource_access": {"my.api": {"roles": ["writer"]}, "account": {"roles": ["view-profile"]}},
    "scope": "openid profile",
    "preferred_username": "ann",
}
KEYCLOAK_REFUSED: dict[str, tuple[Claims, str]] = {
    "id token": ({"typ": "ID", "aud": "web", "at_hash": "x"}, "audience"),
    "id token for us": ({"typ": "ID", "at_hash": "x"}, "kind"),
    "refresh token": ({"typ": "Refresh", "aud": "https://HOST/realms/REALM"}, "audience"),
    "no audience mapper": ({"aud": "account"}, "audience"),
    "other realm": ({"iss": "https://HOST/realms/other"}, "issuer"),
}
ENTRA_V2 = {
    "aud": CLIENT,
    "iss": f"{ENTRA}/TENANT/v2.0",
    "azp": "00001111-aaaa-2222-bbbb-3333cccc4444",
    "azpacr": "1",
    "name": "Ann",
    "oid": "22223333-cccc-4444-dddd-5555eeee6666",
    "rh": "0.AAAA",
    "roles": ["reader"],
    "scp": "items.read",
    "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    "tid": TENANT,
    "uti": "AAAA",
    "ver": "2.0",
}
ENTRA_V1 = ENTRA_V2 | {
    "aud": f"api://{CLIENT}",
    "iss": "https://sts.windows.net/TENANT/",
    "appid": "00001111-aaaa-2222-bbbb-3333cccc4444",
    "appidacr": "1",
    "idp": "https://sts.windows.net/TENANT/",
    "unique_name": "ann@example.com",
    "ver": "1.0",
}
COGNITO = {
    "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    GROUPS: ["reader"],
    "iss": "https://cognito-idp.REGION.amazonaws.com/POOL",
    "version": 2,
    "client_id": "3n4b5urk1ft4fl3mg5e62d9ado",
    "origin_jti": "aaaa",
    "event_id": "bbbb",
    "token_use": "access",
    "scope": "openid items/read",
    "jti": "cccc",
    "username": "ann",
}
SIGNING = {"use": "sig", "alg": "RS256"}
# Those of Entra name no algorithm.
OF_ENTRA = {"use": "sig", "x5t": "x5t", "cloud_instance_name": "microsoftonline.com"}

SHAPES: dict[str, Shape] = {
    "Keycloak": Shape(
        KEYCLOAK,
        {"reader", "offline_access", "openid", "profile"},
        SIGNING | {"x5c": ["MIIC"]},
        KEYCLOAK_REFUSED,
    ),
    "Keycloak, roles of the client `my.api`": Shape(
        KEYCLOAK, {"writer", "openid", "profile"}, SIGNING, KEYCLOAK_REFUSED
    ),
    "Entra, tokens of version 2": Shape(
        ENTRA_V2,
        {"reader", "items.read"},
        OF_ENTRA | {"issuer": f"{ENTRA}/TENANT/v2.0"},
        {
            "version 1": ({"iss": "https://sts.windows.net/TENANT/"}, "issuer"),
            "other tenant": ({"iss": f"{ENTRA}/OTHER/v2.0", "tid": OTHER}, "issuer"),
            "of Graph": ({"aud": "00000003-0000-0000-c000-000000000000"}, "audience"),
        },
    ),
    "Entra, tokens of version 1": Shape(
        ENTRA_V1,
        {"reader", "items.read"},
        # That of version 2, which is no reason to refuse.
        OF_ENTRA | {"issuer": f"{ENTRA}/TENANT/v2.0"},
        {
            "version 2": ({"iss": f"{ENTRA}/TENANT/v2.0", "ver": "2.0"}, "issuer"),
            "other tenant": ({"iss": "https://sts.windows.net/OTHER/"}, "issuer"),
        },
    ),
    "Entra, several tenants": Shape(
        ENTRA_V2 | {"iss": f"{ENTRA}/OTHER/v2.0", "tid": OTHER},
        {"reader", "items.read"},
        OF_ENTRA | {"issuer": f"{ENTRA}/{{tenantid}}/v2.0"},
        {
            "stranger": ({"iss": f"{ENTRA}/{STRANGER}/v2.0", "tid": STRANGER}, "issuer"),
            "stranger who says another": ({"iss": f"{ENTRA}/{STRANGER}/v2.0"}, "issuer"),
            "common": ({"iss": f"{ENTRA}/common/v2.0"}, "issuer"),
            "pattern": ({"iss": f"{ENTRA}/{{tenantid}}/v2.0"}, "issuer"),
            "version 1": ({"iss": "https://sts.windows.net/TENANT/"}, "issuer"),
            "list": ({"iss": [f"{ENTRA}/TENANT/v2.0"]}, "issuer"),
        },
        calls_itself=f"{ENTRA}/{{tenantid}}/v2.0",
    ),
    "Auth0": Shape(
        {
            "iss": "https://HOST/",
            "sub": "auth0|507f1f77bcf86cd799439011",
            "aud": ["https://items.example", "https://HOST/userinfo"],
            "azp": "my_client_id",
            "scope": "openid profile",
            "permissions": ["reader"],
        },
        {"reader", "openid", "profile"},
        SIGNING | {"x5c": ["MIIC"], "x5t": "x5t"},
        {
            "id token": ({"aud": "my_client_id", "nonce": "x"}, "audience"),
            "issuer without its slash": ({"iss": "https://HOST"}, "issuer"),
            "other API": ({"aud": ["https://HOST/userinfo"]}, "audience"),
        },
    ),
    "Okta, an authorization server of the API's own": Shape(
        {
            "ver": 1,
            "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
            "iss": "https://HOST/oauth2/default",
            "aud": "api://default",
            "sub": "ann@example.com",
            "cid": "0oabv1kx4ggcjPUH80g3",
            "uid": "00ujmkLgagxeRrAg20g3",
            "scp": ["openid", "items.read"],
            "groups": ["reader"],
        },
        {"reader", "openid", "items.read"},
        SIGNING,
        {
            "id token": ({"aud": "0oabv1kx4ggcjPUH80g3"}, "audience"),
            "of the organization": ({"iss": "https://HOST", "aud": "https://HOST"}, "issuer"),
        },
        header={},
    ),
    "Cognito": Shape(
        COGNITO,
        {"reader", "openid", "items/read"},
        SIGNING,
        {
            "id token": (
                {"token_use": "id", "aud": COGNITO["client_id"], "client_id": None},
                "audience",
            ),
            "id token that names a client": ({"token_use": "id"}, "kind"),
            "other client": ({"client_id": "other"}, "audience"),
            "no client": ({"client_id": None}, "audience"),
            "list of clients": ({"client_id": [COGNITO["client_id"]]}, "audience"),
            "for another service": ({"aud": "https://other.example"}, "audience"),
            "for nobody": ({"aud": ""}, "audience"),
            "other pool": ({"iss": "https://cognito-idp.REGION.amazonaws.com/other"}, "issuer"),
        },
        header={},
    ),
    "Google, service accounts": Shape(
        {
            "iss": "https://accounts.google.com",
            "aud": "https://items.example",
            "azp": "104029292853099978293",
            "email": "caller@project.iam.gserviceaccount.com",
            "email_verified": True,
            "sub": "104029292853099978293",
        },
        {"caller@project.iam.gserviceaccount.com"},
        SIGNING,
        {
            "for another service": ({"aud": "https://other.example"}, "audience"),
            "issuer without its scheme": ({"iss": "accounts.google.com"}, "issuer"),
        },
    ),
}
