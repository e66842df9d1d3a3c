"""Remove the files of what was not chosen. The manifest says which; nothing else decides."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Jinja fills this in. JSON never has three double quotes in a row: no answer ends the literal.
ANSWERS = r"""{{ cookiecutter | tojson }}"""

Answers = dict[str, Any]

# A row: when these files and folders stay. A path stands in one row only.
MANIFEST: list[tuple[Callable[[Answers], bool], list[str]]] = [
    (
        lambda answers: answers["framework"] == "flask",
        [
            "app/standard/framework/flask_app.py",
            "app/standard/framework/flask_bridge.py",
            "app/standard/framework/flask_views.py",
        ],
    ),
    (
        lambda answers: answers["framework"] == "async",
        ["app/standard/framework/async_app.py"],
    ),
    (
        lambda answers: answers["framework"] == "fastapi",
        [
            "app/routes.py",
            "app/standard/contract/upgrading.py",
            "app/standard/framework/code_routes.py",
            "app/standard/framework/fastapi_app.py",
            "app/standard/framework/fastapi_telemetry.py",
        ],
    ),
    (
        lambda answers: answers["framework"] == "fastapi" and answers["use_auth"],
        [
            "app/standard/contract/login_redirect.py",
            "app/standard/framework/require_role.py",
        ],
    ),
    (
        lambda answers: answers["framework"] != "flask",
        ["app/standard/framework/operations.py"],
    ),
    (
        lambda answers: answers["framework"] != "fastapi",
        [
            "app/standard/framework/assembly.py",
            "app/standard/framework/connexion_contract.py",
        ],
    ),
    (
        lambda answers: answers["deploy"] == "kubernetes",
        [
            "deploy/kubernetes/base/kustomization.yaml",
            "deploy/kubernetes/base/network.yaml",
            "deploy/kubernetes/base/service.yaml",
            "deploy/kubernetes/production",
            "deploy/kubernetes/staging",
            "scripts/deploy.sh",
            "scripts/release.sh",
        ],
    ),
    (
        lambda answers: answers["deploy"] == "kubernetes" and answers["use_database"],
        ["deploy/kubernetes/base/migration.yaml"],
    ),
    (
        lambda answers: answers["deploy"] == "kubernetes" and answers["use_worker"],
        ["deploy/kubernetes/base/worker.yaml"],
    ),
    (
        lambda answers: answers["ci"] == "gitlab",
        [".gitlab-ci.yml"],
    ),
    (
        lambda answers: answers["ci"] == "github",
        [".github"],
    ),
    (
        lambda answers: answers["deploy"] == "compose",
        ["compose.production.yaml", "deploy/compose/routes.yaml"],
    ),
    (
        lambda answers: answers["deploy"] == "compose" and answers["use_database"],
        ["deploy/compose/backup.sh", "deploy/compose/restore.sh"],
    ),
    (
        lambda answers: answers["deploy"] == "lambda",
        [
            "deploy/lambda/image.yaml",
            "deploy/lambda/zip.yaml",
            "lambda_handler.py",
            "scripts/build_lambda.sh",
            "scripts/deploy_lambda.sh",
            "scripts/release_lambda.sh",
        ],
    ),
    (
        lambda answers: answers["deploy"] == "lambda" and answers["use_database"],
        ["deploy/lambda/migrate.json"],
    ),
    (
        lambda answers: answers["use_database"],
        [
            "alembic.ini",
            "alembic/env.py",
            "alembic/script.py.mako",
            "app/models.py",
            "app/standard/database/__init__.py",
            "app/standard/database/address.py",
            "app/standard/database/base.py",
            "app/standard/database/engine.py",
            "app/standard/database/migrations.py",
            "app/standard/database/pool.py",
            "app/standard/database/settings.py",
            "development/embedded_postgres.py",
            "tests/standard/database_fixtures.py",
            "tests/test_migrations.py",
        ],
    ),
    (
        lambda answers: answers["sample"] == "items",
        ["tests/test_items.py"],
    ),
    (
        lambda answers: answers["sample"] == "items" and not answers["_sample_of_1_3"],
        ["tests/test_item_pages.py"],
    ),
    (
        lambda answers: answers["use_database"] and answers["sample"] == "items",
        ["alembic/versions/0001_create_items.py"],
    ),
    (
        lambda answers: (
            answers["use_database"]
            and answers["sample"] == "items"
            and not answers["_sample_of_1_3"]
        ),
        [
            "alembic/versions/0004_create_idempotency_keys.py",
            "app/idempotency.py",
            "tests/test_item_writes.py",
        ],
    ),
    (
        lambda answers: answers["use_database"] or answers["use_auth"],
        ["development/__init__.py"],
    ),
    (
        lambda answers: answers["use_csv_export"],
        [
            "app/standard/csv_export/__init__.py",
            "app/standard/csv_export/dialect.py",
            "app/standard/csv_export/rows.py",
        ],
    ),
    (
        lambda answers: answers["use_database"] and answers["use_csv_export"],
        [
            "app/standard/database_export",
        ],
    ),
    (
        lambda answers: answers["use_auth"],
        [
            "app/standard/auth",
            "development/provider",
            "development/tokens.py",
            "tests/standard/auth_fixtures.py",
        ],
    ),
    (
        lambda answers: answers["use_worker"],
        [
            "app/standard/worker/__init__.py",
            "app/standard/worker/tasks.py",
            "app/tasks.py",
            "tests/standard/worker_fixtures.py",
            "work.py",
        ],
    ),
    (
        lambda answers: (
            answers["use_worker"] and answers["use_database"] and answers["sample"] == "items"
        ),
        [
            "alembic/versions/0003_create_exports.py",
            "app/exports.py",
            "tests/test_exports.py",
        ],
    ),
    (
        lambda answers: (
            answers["use_worker"] and not answers["use_database"] and answers["sample"] == "items"
        ),
        ["tests/test_tasks.py"],
    ),
    (
        lambda answers: answers["use_worker"] and answers["queue"] == "pgqueuer",
        [
            "alembic/versions/0002_create_queue.py",
            "app/standard/worker/connecting.py",
            "app/standard/worker/enqueuing.py",
            "app/standard/worker/jobs.css",
            "app/standard/worker/jobs.html",
            "app/standard/worker/jobs.js",
            "app/standard/worker/jobs.py",
            "app/standard/worker/jobs.yml",
            "app/standard/worker/jobs_contract.py",
            "app/standard/worker/jobs_page.py",
            "app/standard/worker/overview.py",
            "app/standard/worker/queue.py",
            "app/standard/worker/running.py",
            "app/standard/worker/scheduling.py",
            "app/standard/worker/settings.py",
            "app/standard/worker/working.py",
        ],
    ),
    (
        lambda answers: answers["use_worker"] and answers["queue"] == "celery",
        [
            "app/standard/worker/attempts.py",
            "app/standard/worker/broker.py",
            "app/standard/worker/broker_settings.py",
            "app/standard/worker/consuming.py",
            "app/standard/worker/lifetime.py",
            "app/standard/worker/redis_transport.py",
            "app/standard/worker/sending.py",
            "app/standard/worker/timing.py",
        ],
    ),
    (
        lambda answers: (
            answers["use_worker"] and answers["use_database"] and answers["queue"] == "celery"
        ),
        ["app/standard/worker/committing.py"],
    ),
    (
        lambda answers: (
            answers["use_page"] or (answers["use_worker"] and answers["queue"] == "pgqueuer")
        ),
        ["app/standard/contract/own_pages.py"],
    ),
    (
        lambda answers: (
            answers["use_auth"]
            and (answers["use_page"] or (answers["use_worker"] and answers["queue"] == "pgqueuer"))
        ),
        [
            "app/standard/contract/page_login.js",
            "app/standard/contract/page_login.py",
        ],
    ),
    (
        lambda answers: answers["use_telemetry"],
        [
            "app/standard/http/outgoing.py",
            "app/standard/service/ecs.py",
            "app/standard/service/error_reports.py",
            "app/standard/service/traced_lines.py",
            "app/standard/telemetry/__init__.py",
            "app/standard/telemetry/durations.py",
            "app/standard/telemetry/readers.py",
            "app/standard/telemetry/requests.py",
            "app/standard/telemetry/roots.py",
            "app/standard/telemetry/sending.py",
            "app/standard/telemetry/settings.py",
            "app/standard/telemetry/silence.py",
            "deploy/observability/alerts.yml",
            "deploy/observability/dashboard.json",
        ],
    ),
    (
        lambda answers: answers["use_telemetry"] and answers["use_database"],
        ["app/standard/database/measuring.py", "app/standard/telemetry/statements.py"],
    ),
    (
        lambda answers: (
            answers["use_telemetry"] and answers["use_database"] and answers["use_csv_export"]
        ),
        ["app/standard/telemetry/exports.py"],
    ),
    (
        lambda answers: answers["use_telemetry"] and answers["use_csv_export"],
        ["app/standard/csv_export/telling.py"],
    ),
    (
        lambda answers: answers["use_telemetry"] and answers["use_worker"],
        ["app/standard/telemetry/jobs.py"],
    ),
    (
        lambda answers: answers["use_page"],
        ["app/standard/page"],
    ),
    # Not of services that are older than version 1.4: it may find what their teams do not expect.
    (
        lambda answers: answers["_contract_fuzz"],
        ["tests/schemathesis.toml", "tests/standard/test_contract_fuzz.py"],
    ),
    (
        lambda answers: answers["use_clients"],
        [
            "app/clients",
            "app/standard/clients",
            "client-gen-config.json",
            "scripts/clients",
            "scripts/generate_clients.py",
        ],
    ),
    (
        lambda answers: answers["use_typescript_client"],
        ["clients/typescript"],
    ),
    # Of services that are older than version 1.2: their teams' files import these names.
    (
        lambda answers: answers["_module_names_of_1_1"],
        [
            "app/standard/errors.py",
            "app/standard/request_log.py",
            "app/standard/settings.py",
            "app/standard/streaming.py",
        ],
    ),
    (
        lambda answers: answers["_module_names_of_1_1"] and answers["use_auth"],
        ["app/standard/openid_provider.py", "app/standard/token_source.py"],
    ),
]


def remove(path: Path, project: Path) -> None:
    """Remove a file or a folder, and the folders of the project that this leaves empty.

    An empty folder is not in git: in a clone, cruft takes it for deleted by the team and leaves
    the module out of the update.
    """
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    for folder in path.parents:
        if folder == project or any(folder.iterdir()):
            break
        folder.rmdir()


def main(project: Path, rendered: str = ANSWERS) -> int:
    """Apply the manifest to the project."""
    missing = [path for _, paths in MANIFEST for path in paths if not (project / path).exists()]
    if missing:
        print(f"The template lacks paths of the manifest: {', '.join(missing)}.", file=sys.stderr)
        return 1
    answers = json.loads(rendered)
    for stays, paths in MANIFEST:
        if not stays(answers):
            for path in paths:
                remove(project / path, project)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
