"""Functions and triggers that belong to the models, so that a schema made from the models equals the migrated one."""

from sqlalchemy import DDL, Table, event

from backend.db.base import Base

_EXTENSIONS = ("pg_trgm", "btree_gist", "btree_gin")


def before_tables(sql: str) -> None:
    """Run `sql` before any table is created: functions that column defaults name."""
    _when("before_create", sql)


def after_tables(sql: str) -> None:
    """Run `sql` when all tables stand: triggers, and functions that read tables."""
    _when("after_create", sql)


def append_only(table: Table | str) -> None:
    """Let nothing be changed in or deleted from a table; the database refuses whoever tries."""
    name = table if isinstance(table, str) else table.name
    after_tables(
        f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _when(moment: str, sql: str) -> None:
    # SQLAlchemy fills placeholders in; ours have none.
    statement = DDL(sql.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    event.listen(Base.metadata, moment, statement)


for _extension in _EXTENSIONS:
    before_tables(f"CREATE EXTENSION IF NOT EXISTS {_extension}")

before_tables(
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""
)
