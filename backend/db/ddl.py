"""Functions and triggers that belong to the models, so that a schema made from the models equals the migrated one."""

from sqlalchemy import DDL, Table, event

from backend.db.base import Base

_EXTENSIONS = ("pg_trgm", "btree_gist", "btree_gin")

for _extension in _EXTENSIONS:
    event.listen(Base.metadata, "before_create", DDL(f"CREATE EXTENSION IF NOT EXISTS {_extension}"))


def before_tables(sql: str) -> None:
    """Run `sql` before any table is created: functions that column defaults name."""
    event.listen(Base.metadata, "before_create", DDL(sql.replace("%", "%%")))


def after_tables(sql: str) -> None:
    """Run `sql` when all tables stand: triggers, and functions that read tables."""
    event.listen(Base.metadata, "after_create", DDL(sql.replace("%", "%%")))


def append_only(table: Table | str) -> None:
    """Let nothing be changed in or deleted from a table; the database refuses whoever tries."""
    name = table if isinstance(table, str) else table.name
    after_tables(
        f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


before_tables(
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""
)
