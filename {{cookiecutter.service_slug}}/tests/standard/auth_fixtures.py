"""Tokens of an issuer that lives in the tests."""

from collections.abc import Callable, Iterator

import pytest

from app import CONTRACT_FILE
from app.standard.auth import read_requirements
from app.standard.contract import load_contract
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
    requirements = read_requirements(load_contract(CONTRACT_FILE)).values()
    return sorted({role for sets in requirements for roles in sets for role in roles})


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
