"""Routes in code, beside the operations of the contract."""

# {% if false %}
# ruff: noqa: E402
# {% endif %}
# {% if cookiecutter.use_auth %}
from fastapi import APIRouter, Depends

from app.standard.framework import RequireRole

# Whoever calls needs a token; a route may ask for a role, as RequireRole("items.read") does.
router = APIRouter(dependencies=[Depends(RequireRole())])
# {% endif %}
# {% if not cookiecutter.use_auth %}
# {% if false %}
# isort: split
# {% endif %}
from fastapi import APIRouter

router = APIRouter()
# {% endif %}
