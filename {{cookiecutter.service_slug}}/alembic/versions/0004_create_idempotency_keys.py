"""Create the idempotency keys of the sample, and the index of its pages.

Revision: create_idempotency_keys.
"""

import sqlalchemy as sa
from alembic import op

revision = "create_idempotency_keys"
# {% if cookiecutter.use_worker %}
down_revision = "create_exports"
# {% endif %}
# {% if not cookiecutter.use_worker %}
# {% print 'down_revision = "0001"\n' %}
# {% endif %}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_items_name_id", "items", ["name", "id"])
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("idempotency_keys")
    op.drop_index("ix_items_name_id", "items")
