"""The files of app/standard stand in rooms."""

from pathlib import Path

from updates.codemods import move_file

STANDARD = "app/standard"
# Git follows a file that moves only while half of its lines are the same, and they change on.
MOVED = {
    "access_tokens.py": "auth/access_tokens.py",
    "required_roles.py": "auth/roles.py",
    "signing_keys.py": "auth/signing_keys.py",
    "swagger_login.py": "auth/swagger_login.py",
    "handlers.py": "contract/handlers.py",
    "swagger_ui.py": "contract/swagger_ui.py",
    "validation.py": "contract/validation.py",
    "csv_export.py": "csv_export/dialect.py",
    "database.py": "database/pool.py",
    "copy_statement.py": "database_export/copy_statement.py",
    "database_export.py": "database_export/copying.py",
    "async_app.py": "framework/async_app.py",
    "flask_app.py": "framework/flask_app.py",
    "http_protocol.py": "http/connection.py",
    "limits.py": "http/limits.py",
    "security_headers.py": "http/security_headers.py",
    "serialization.py": "http/serialization.py",
    "health.py": "service/health.py",
    "health.yml": "service/health.yml",
    "redaction.py": "service/redaction.py",
    "structured_logging.py": "service/structured_logging.py",
}


def migrate(folder: Path) -> list[str]:
    """Move the files; what imports them is told by the names that are gone."""
    for old, new in MOVED.items():
        move_file(folder, f"{STANDARD}/{old}", f"{STANDARD}/{new}")
    return []
