"""What a team writes into its service after it was created, stored once for all releases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

PATH = """
  /greeting:
    get:
      summary: Greet whoever calls
      operationId: app.api.read_greeting
      responses:
        "200":
          description: The greeting
          content:
            application/json:
              schema: { type: object }
        default: { $ref: "#/components/responses/Problem" }
"""
HANDLER = '''

async def read_greeting() -> dict[str, str]:
    """Greet whoever calls."""
    return {"greeting": "hello"}
'''
ROUTE = """

@router.get("/report")
async def read_report() -> str:
    return "all is well"
"""
TEST = '''"""The team's own test."""

from starlette.testclient import TestClient

from config import Settings


def test_greeting(client: TestClient, settings: Settings) -> None:
    assert client.get("/greeting").json() == {"greeting": settings.greeting}
'''
SETTING = """
    greeting: str = "hello"
"""
JOB = """
deploy:
  stage: deploy
  rules:
    - if: $CI_COMMIT_TAG
  script:
    - echo "deploy $CI_COMMIT_TAG"
"""
WORKFLOW_JOB = """
  deploy:
    if: github.ref_type == 'tag'
    needs: [build]
    runs-on: ubuntu-latest
    steps:
      - run: echo "deploy $GITHUB_REF_NAME"
"""
MODEL = '''

class NoteRow(Base):
    """One note about an item."""

    __tablename__ = "notes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    text: Mapped[str] = mapped_column(String(500))
'''
MIGRATION = '''"""Create the table of notes.

Revision: 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "HEAD"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("notes")
'''
# A file, the line that the edit comes after, or none for its end, and the edit.
EDITS = [
    ("api-spec.yml", "paths:", PATH.strip("\n")),
    ("app/api.py", None, HANDLER),
    ("config.py", None, SETTING),
    (".env.example", None, "\n# How whoever calls is greeted.\nGREETING=hello\n"),
    ("pyproject.toml", '  "structlog>=26.1",', '  "typing-extensions>=4.14",'),
    ("README.md", None, "\n## Who to call\n\nThe team's channel.\n"),
    ("Dockerfile", "FROM python:${PYTHON_VERSION}-slim AS service", "RUN apt-get update"),
]
MODEL_EDITS = [("app/models.py", None, MODEL)]
PIPELINE = ".gitlab-ci.yml"
PIPELINE_EDITS = [(PIPELINE, None, JOB)]
WORKFLOW_EDITS = [(".github/workflows/pipeline.yml", None, WORKFLOW_JOB)]
NEW_FILES = {"tests/test_greeting.py": TEST}


def edit(folder: Path) -> list[str]:
    """Do the team's work in a service; return the lines that must be there ever after."""
    has_models = (folder / "app" / "models.py").exists()
    has_stages = (folder / PIPELINE).exists()
    kept = []
    pipeline_edits = PIPELINE_EDITS if has_stages else WORKFLOW_EDITS
    for path, after, text in EDITS + pipeline_edits + MODEL_EDITS * has_models:
        insert(folder / path, after, text)
        kept += [f"{path}: {line}" for line in text.splitlines() if line.strip()]
    if has_stages:
        insert_stage(folder / PIPELINE)
        kept.append(f"{PIPELINE}: stages: [lint, test, build, deploy]")
    new_files = dict(NEW_FILES)
    if has_models:
        migration = MIGRATION.replace("HEAD", find_head(folder / "alembic" / "versions"))
        new_files["alembic/versions/0002_create_notes.py"] = migration
    for path, text in new_files.items():
        (folder / path).write_text(text, "utf-8")
        kept += [f"{path}: {line}" for line in text.splitlines() if line.strip()]
    return kept


def find_head(versions: Path) -> str:
    """Return the migration that no other one follows."""
    texts = [file.read_text("utf-8") for file in versions.glob("*.py")]
    names, followed = (
        {str(found) for text in texts for found in re.findall(rf'^{each} = "(.+)"$', text, re.M)}
        for each in ("revision", "down_revision")
    )
    (head,) = names - followed
    return head


def insert(file: Path, after: str | None, text: str) -> None:
    """Put text behind the line, or at the end of the file."""
    content = file.read_text("utf-8")
    if after is None:
        content += text
    else:
        assert content.count(f"{after}\n") == 1, f"{file.name} has one line {after}"
        content = content.replace(f"{after}\n", f"{after}\n{text}\n")
    file.write_text(content, "utf-8")


def insert_stage(pipeline: Path) -> None:
    """Let the team deploy after the build."""
    text = pipeline.read_text("utf-8")
    assert "stages: [lint, test, build]" in text
    pipeline.write_text(text.replace("test, build]", "test, build, deploy]"), "utf-8")


def replace(file: Path, old: str, new: str) -> None:
    """Put other text in the place of some that is there once."""
    content = file.read_text("utf-8")
    assert content.count(old) == 1, f"{file.name} has {old} once"
    file.write_text(content.replace(old, new), "utf-8")


def lines_of(texts: Mapping[str, str]) -> list[str]:
    """Return the lines of texts, each with the file that has it."""
    return [f"{path}: {line}" for path, text in texts.items() for line in text.splitlines() if line]


def lost(folder: Path, kept: list[str]) -> list[str]:
    """Return what is not there any more of the team's lines; of files with a star, one has it."""
    pairs = [line.split(": ", 1) for line in kept]
    places = {path: folder.glob(path) if "*" in path else [folder / path] for path, _ in pairs}
    files = {
        path: [line for file in found for line in file.read_text("utf-8").splitlines()]
        for path, found in places.items()
    }
    return [f"{path}: {line}" for path, line in pairs if line not in files[path]]
