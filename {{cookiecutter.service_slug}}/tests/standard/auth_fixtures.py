"""Tokens of an issuer that lives in the tests."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest

from app import CONTRACT_FILE
from app.standard.contract import load_contract, operations
from development import tokens
from development.tokens import DevelopmentKeys

IssueToken = Callable[..., str]


@pytest.fixture(scope="session", autouse=True)
def issue_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IssueToken]:
    """Give the function that issues a token to a subject with roles, and claims of one's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "KEY_FILE", tmp_path_factory.mktemp("keys") / "key.json")
        yield DevelopmentKeys().issue


@pytest.fixture(scope="session")
def roles() -> list[str]:
    """Give every role that the contract names."""
    return list_roles(load_contract(CONTRACT_FILE))


def list_roles(document: dict[str, Any]) -> list[str]:
    """Return every role that a contract names, one that is served too."""
    askers = [document, *(operation for *_, operation in operations(document))]
    asked = chain.from_iterable(each.get("security", []) for each in askers)
    return sorted({role for each in asked for role in chain.from_iterable(each.values())})


@pytest.fixture
def admin_token(issue_token: IssueToken, roles: list[str]) -> str:
    """Give a token with every role."""
    return issue_token("admin", roles)


@pytest.fixture
def reader_token(issue_token: IssueToken, roles: list[str]) -> str:
    """Give a token with the roles that end in ``read``."""
    return issue_token("reader", [role for role in roles if role.endswith("read")])


@pytest.fixture
def expired_token(issue_token: IssueToken, roles: list[str]) -> str:
    """Give a token with every role whose time is over."""
    return issue_token("admin", roles, exp=1)


@pytest.fixture
def foreign_token(issue_token: IssueToken, roles: list[str]) -> str:
    """Give a token with every role for another audience."""
    return issue_token("admin", roles, aud="another")
