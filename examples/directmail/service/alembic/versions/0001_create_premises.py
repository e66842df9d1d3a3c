"""Create the premises.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "premises",
        sa.Column("uprn", sa.String(length=12), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("community", sa.String(length=100), nullable=False),
        sa.Column("rfs", sa.Boolean(), nullable=False),
        sa.Column("rfs_date", sa.Date(), nullable=True),
        sa.Column("bduk", sa.Boolean(), nullable=False),
        sa.Column("segment", sa.String(length=10), nullable=False),
        sa.Column("business", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("uprn", name="pk_premises"),
    )
    op.create_index("ix_premises_community", "premises", ["community"])
    op.create_index("ix_premises_postcode_uprn", "premises", ["postcode", "uprn"])
    op.create_index("ix_premises_rfs_date", "premises", ["rfs_date"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("premises")
