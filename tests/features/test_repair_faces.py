"""An owner sees the face of their engineer, and of nobody else's."""

from backend.core.ids import new_id
from tests.fixtures.hotline import code
from tests.fixtures.repairs import Yard


async def test_the_household_sees_the_face_of_its_engineer(yard: Yard) -> None:
    one = await yard.report()
    assert one["engineer"]["photo"] is None
    mine = await yard.photo(yard.plumber)
    assert (await yard.plumber.ask("PUT", "me/photo", json={"photo": mine})).status_code == 204
    theirs = await yard.photo(yard.other)
    assert (await yard.other.ask("PUT", "me/photo", json={"photo": theirs})).status_code == 204
    for who in (yard.owner, yard.family, yard.plumber, yard.desk):
        shown = (await yard.read(who, one))["engineer"]["photo"]
        assert shown.keys() == {"thumbnail", "full"}
        served = await who.client.get(shown["thumbnail"])
        assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")
        assert (await who.ask("GET", f"files/{mine}")).status_code == 200
    # A face that serves somebody else is nobody's to look at, and neither is one's own engineer's by a tenant.
    assert (await yard.owner.ask("GET", f"files/{theirs}")).status_code == 404
    assert (await yard.tenant.ask("GET", f"files/{mine}")).status_code == 404
    # Only a photo of one's own, ready to be shown; and none takes it away, together with the link that was given.
    for wrong in (str(new_id()), theirs):
        assert code(await yard.plumber.ask("PUT", "me/photo", json={"photo": wrong})) == (404, "not_found")
    assert code(await yard.owner.ask("PUT", "me/photo", json={"photo": None})) == (403, "staff_only")
    better = await yard.photo(yard.plumber)
    link = (await yard.read(yard.owner, one))["engineer"]["photo"]["full"]
    assert (await yard.plumber.ask("PUT", "me/photo", json={"photo": better})).status_code == 204
    assert better in (await yard.read(yard.owner, one))["engineer"]["photo"]["full"]
    assert (await yard.owner.client.get(link)).status_code == 404
    assert (await yard.plumber.ask("PUT", "me/photo", json={"photo": None})).status_code == 204
    assert (await yard.read(yard.owner, one))["engineer"]["photo"] is None
    assert (await yard.owner.ask("GET", f"files/{better}")).status_code == 404
