"""Create the exports of the sample.

Revision: create_exports.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "create_exports"
# {% if cookiecutter.queue == "pgqueuer" %}
down_revision = "create_queue"
# {% endif %}
# {% if cookiecutter.queue == "celery" %}
# {% print 'down_revision = "0001"\n' %}
# {% endif %}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        # {% if cookiecutter.queue == "pgqueuer" %}
        sa.Column("job", sa.BigInteger(), nullable=True),
        # {% endif %}
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        # {% if cookiecutter.queue == "celery" %}
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        # {% endif %}
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("headers", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
    )
    op.create_index("ix_exports_created_at", "exports", ["created_at"])
    op.create_table(
        "export_parts",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["exports.id"],
            name="fk_export_parts_export_id_exports",
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("export_id", "number", name="pk_export_parts"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("export_parts")
    op.drop_table("exports")
