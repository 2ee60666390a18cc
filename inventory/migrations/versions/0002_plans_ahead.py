"""Prices and promotions of days to come, and planning events."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; nothing recorded before changes."""
    op.create_table(
        "planned_days",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("promotion", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item"], ["items.sku"], name="fk_planned_days_item_items", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("item", "warehouse", "day", name="pk_planned_days"),
    )
    op.create_table(
        "planning_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("pct", sa.Double(), nullable=True),
        sa.Column("days", sa.Double(), nullable=True),
        sa.Column("delta_days", sa.Double(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("unit_cost", sa.Double(), nullable=True),
        sa.Column("replacement", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_planning_events"),
    )
    op.create_index("ix_planning_events_status", "planning_events", ["status"])


def downgrade() -> None:
    """Remove both."""
    op.drop_table("planning_events")
    op.drop_table("planned_days")
