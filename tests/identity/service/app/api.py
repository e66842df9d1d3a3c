# It runs in a service, where its imports are.
# mypy: ignore-errors
"""Operations that tell who calls, and one that calls another service."""

import functools
import os

from app.standard.auth import OpenIdProvider, TokenSource, current_principal


async def read():
    """Tell who calls."""
    principal = current_principal()
    return {"subject": principal.subject, "roles": sorted(principal.roles)}


async def list_items():
    """Tell who calls."""
    return await read()


async def write():
    """Tell who calls."""
    return await read()


async def greet():
    """Tell who calls."""
    return await read()


async def show():
    """Tell whether somebody is known in an operation that is public."""
    try:
        return {"subject": current_principal().subject}
    except LookupError:
        return {"subject": None}


async def show_thing(name):
    """Tell what was asked for."""
    return {"name": name}


async def show_secret():
    """Tell what only readers may know."""
    return await read()


@functools.cache
def token_source():
    """Make what gets tokens for calls to another service."""
    provider = OpenIdProvider(os.environ["AUTH_ISSUER"], 0.1, 86_400)
    return TokenSource(provider, os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])


async def show_token():
    """Tell the token for a call to another service."""
    return {"token": await token_source().token()}
