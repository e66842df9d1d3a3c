"""A login at the real provider, by its forms, as a browser does it: code and PKCE (RFC 7636)."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from identity.keys import encode
from identity.real_provider import AUDIENCE, CLIENT

ACTION = re.compile(r'action="([^"]+)"')
BOUND = 10.0


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: the last one leads to a page that is not there."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Visitor:
    """Somebody with a browser."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies, _Stay())

    def open(self, address: str, **form: str) -> tuple[str, str]:
        """Open a page, or send a form; return what it says, and where it leads."""
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self._opener.open(address, data, timeout=BOUND) as response:
                return response.read().decode(), ""
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode(), error.headers.get("Location", "")

    def follow(self, address: str, until: str) -> tuple[str, str]:
        """Follow redirects until a page comes, or one to an address that begins so."""
        page, there = "", address
        while there and not there.startswith(until):
            address = urllib.parse.urljoin(address, there)
            page, there = self.open(address)
        return page, there


def tokens_of(name: str, issuer: str, redirect: str) -> dict[str, str]:
    """Log in, agree, and return the tokens that the provider gives."""
    visitor = Visitor()
    verifier = secrets.token_urlsafe(32)
    query = {
        "client_id": CLIENT,
        "code_challenge": encode(hashlib.sha256(verifier.encode()).digest()).decode(),
        "code_challenge_method": "S256",
        "redirect_uri": redirect,
        "resource": AUDIENCE,
        "response_type": "code",
        "scope": "openid",
    }
    page, there = visitor.follow(f"{issuer}/auth?{urllib.parse.urlencode(query)}", redirect)
    forms = [{"prompt": "login", "login": name, "password": "x"}, {"prompt": "consent"}]
    for form in forms:
        (action,) = ACTION.findall(page)
        _, there = visitor.open(urllib.parse.urljoin(issuer, action), **form)
        page, there = visitor.follow(urllib.parse.urljoin(issuer, there), redirect)
    (code,) = urllib.parse.parse_qs(urllib.parse.urlsplit(there).query)["code"]
    answer, _ = visitor.open(
        f"{issuer}/token",
        client_id=CLIENT,
        code=code,
        code_verifier=verifier,
        grant_type="authorization_code",
        redirect_uri=redirect,
    )
    found: dict[str, str] = json.loads(answer)
    return found
