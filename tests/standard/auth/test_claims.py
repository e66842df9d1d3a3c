import pytest

from app.standard.auth.claims import roles_at

CLAIMS = {
    "resource_access": {
        "my.api": {"roles": ["reader"]},
        "https://a.example": {"roles": "reader writer"},
        "~1": {"": ["tilde"]},
    },
    "https://a.example/roles": ["reader"],
    "cognito:groups": ["reader"],
    "a.b": ["dotted"],
    "a": {"b": ["nested"]},
}


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("/resource_access/my.api/roles", ["reader"]),
        ("/resource_access/https:~1~1a.example/roles", ["reader", "writer"]),
        ("/resource_access/~01/", ["tilde"]),
        ("/cognito:groups", ["reader"]),
        ("cognito:groups", ["reader"]),
        ("https://a.example/roles", ["reader"]),
        ("a.b", ["dotted"]),
        ("/a/b", ["nested"]),
        ("/a.b", ["dotted"]),
        # What has no slash is not guessed.
        ("resource_access.my.api.roles", []),
        ("/resource_access/my/api/roles", []),
        ("/resource_access/my.api", []),
        ("/", []),
        ("", []),
    ],
)
def test_roles_are_at_the_path_and_nowhere_else(path: str, roles: list[str]) -> None:
    assert list(roles_at(path, CLAIMS)) == roles
