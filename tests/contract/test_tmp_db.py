import pytest, asyncpg
@pytest.mark.parametrize("n", range(60))
async def test_x(n, database_url, valkey_url):
    c = await asyncpg.connect(database_url.replace("+asyncpg",""))
    assert await c.fetchval("select count(*) from account") == 0
    await c.close()
