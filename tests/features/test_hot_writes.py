"""Hand-written SQL within a unit of work: one transaction with all else, and faults told as SQLAlchemy tells them."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend.core.ids import new_id
from backend.db.statement import Statement
from backend.db.work import Work
from tests.fixtures.process import Begin

_ADD = Statement(
    "INSERT INTO account (id, kind, name) VALUES (:id, 'owner', :name)"
    " RETURNING name, :name = name AS same, '2026'::text AS cast_stays"
)
_BREAK = Statement("INSERT INTO account (id, kind, name) VALUES (:id, 'nobody', 'x')")
_KNOWN = text("SELECT count(*) FROM account WHERE id = :id")


async def known(work: Work, id_: object) -> int:
    return int(await work.scalar(_KNOWN, {"id": id_}) or 0)


async def add_and_break(unit: Work, added: object, broken: object) -> None:
    async with unit.begin_nested():
        await unit.rows(_ADD, {"id": added, "name": "钱二"})
        await unit.rows(_BREAK, {"id": broken})


async def test_it_is_the_same_transaction(work: Begin) -> None:
    """What one way writes the other reads, a savepoint takes back both, and nothing is there before the commit."""
    first, second, third = new_id(), new_id(), new_id()
    async with work() as unit:
        [added] = await unit.rows(_ADD, {"id": first, "name": "赵一"})
        assert dict(added) == {"name": "赵一", "same": True, "cast_stays": "2026"}
        assert await known(unit, first) == 1
        with pytest.raises(IntegrityError) as refused:
            await add_and_break(unit, second, third)
        assert refused.value.orig is not None
        assert "ck_account_kind" in str(refused.value.orig)
        assert getattr(refused.value.orig, "sqlstate", None) == "23514"
        assert await known(unit, second) == 0
        async with work() as other:
            assert await known(other, first) == 0
    async with work() as unit:
        assert await known(unit, first) == 1


async def test_after_an_end_a_new_transaction_begins(work: Begin) -> None:
    """Committed or rolled back half-way, what follows stands in a transaction of its own, which can be taken back."""
    kept, gone, never = new_id(), new_id(), new_id()
    async with work() as unit:
        await unit.rows(_ADD, {"id": kept, "name": "孙三"})
        await unit.commit()
        await unit.rows(_ADD, {"id": gone, "name": "李四"})
        await unit.rollback()
        with pytest.raises(DBAPIError):
            await unit.rows(_BREAK, {"id": never})
        await unit.rollback()
        assert (await known(unit, kept), await known(unit, gone)) == (1, 0)
