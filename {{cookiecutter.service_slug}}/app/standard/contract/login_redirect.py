"""The page to which an OpenID provider leads back, for the login of Swagger UI."""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi.openapi.docs import get_swagger_ui_oauth2_redirect_html

from app.standard.contract.swagger_ui import CONTENT_SECURITY_POLICY

PAGE = bytes(get_swagger_ui_oauth2_redirect_html().body).decode()


def policy() -> str:
    """Return the policy of the page: its own scripts run, and no other."""
    scripts = re.findall("<script>(.*?)</script>", PAGE, re.DOTALL)
    digests = [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]
    sources = " ".join(f"'sha256-{digest}'" for digest in digests)
    return CONTENT_SECURITY_POLICY.replace("script-src 'self'", f"script-src {sources}")
