"""What the report counts of each case, kept beside it by the database itself."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base
from backend.db.ddl import after_tables
from backend.features.hotline.rules import figures


class CaseFigure(Base):
    """A case in two numbers (`rules/figures.py`): a report reads these, and neither cases nor clocks.

    Written by triggers on both, in the transaction that changes them, whoever writes.
    """

    __tablename__ = "case_figure"
    __table_args__ = (Index("ix_case_figure_received_at", "received_at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id", ondelete="CASCADE"), primary_key=True)
    node_id: Mapped[UUID]
    received_at: Mapped[datetime]
    dims: Mapped[int]
    clocks: Mapped[int] = mapped_column(BigInteger)


def _number(name: str, column: str) -> str:
    words = ", ".join(f"'{word}'" for word in figures.LISTS[name])
    return f"(array_position(ARRAY[{words}], {column}) - 1 << {figures.PLACES[name]})"


def _clock(place: int, code: str) -> str:
    states = {
        "met": "k.state = 'met'",
        "missed": "k.state IN ('met_late', 'breached')",
        "open": "k.state IN ('running', 'paused')",
        "void": "k.state = 'void'",
    }
    counts = (
        f"(least(count(*) FILTER (WHERE k.code = '{code}' AND {condition}), {figures.MOST})"
        f" << {figures.clock_place(place, figures.STATES.index(state))})"
        for state, condition in states.items()
    )
    return " | ".join(counts)


def _replies(condition: str, place: int) -> str:
    return f"(least(count(*) FILTER (WHERE k.code = '{figures.REPLY}' AND {condition}), 3)::int << {place})"


_DIMS: Final = " | ".join(
    [
        _number("kind", "c.kind"),
        _number("severity", "c.severity"),
        _number("category", "coalesce(c.category, 'none')"),
        _number(
            "outcome", "coalesce(c.close_reason, CASE WHEN c.ended_at IS NULL THEN 'open' ELSE c.state END)"
        ),
        f"(extract(hour FROM c.received_at AT TIME ZONE 'Asia/Shanghai')::int << {figures.PLACES['hour']})",
        f"((c.round > 1)::int << {figures.PLACES['reopened']})",
        f"((count(*) FILTER (WHERE k.breached_at IS NOT NULL) > 0)::int << {figures.PLACES['late']})",
        _replies("k.state = 'met'", figures.KEPT),
        _replies("k.state IN ('met_late', 'breached')", figures.MISSED),
    ]
)
_CLOCKS: Final = "\n        | ".join(_clock(place, code) for place, code in enumerate(figures.CLOCKS))

after_tables(
    f"""CREATE FUNCTION case_figure_of(wanted uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO case_figure (case_id, node_id, received_at, dims, clocks)
    SELECT c.id, c.node_id, c.received_at,
        {_DIMS},
        {_CLOCKS}
    FROM hotline_case c LEFT JOIN case_clock k ON k.case_id = c.id WHERE c.id = wanted GROUP BY c.id
    ON CONFLICT (case_id) DO UPDATE SET dims = excluded.dims, clocks = excluded.clocks
    WHERE (case_figure.dims, case_figure.clocks) IS DISTINCT FROM (excluded.dims, excluded.clocks)
$$"""
)
for _name, _id in (("case_figured", "id"), ("case_clock_figured", "case_id")):
    after_tables(
        f"""CREATE FUNCTION {_name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM case_figure_of(NEW.{_id});
    RETURN NULL;
END $$"""
    )
after_tables(
    "CREATE TRIGGER case_figured AFTER INSERT OR UPDATE OF kind, severity, category, state, close_reason, round"
    " ON hotline_case FOR EACH ROW EXECUTE FUNCTION case_figured()"
)
after_tables(
    "CREATE TRIGGER case_clock_figured AFTER INSERT OR UPDATE OF state ON case_clock"
    " FOR EACH ROW EXECUTE FUNCTION case_clock_figured()"
)
