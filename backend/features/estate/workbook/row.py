"""One row of the ledger, read by itself: a record, or everything that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from .codes import FaultCode, NoteCode
from .dates import read_date
from .header import Column, Header
from .ledger import Manners
from .owners import OwnerCells, read_owners
from .places import NOWHERE, Place, building_key, read_building, read_room, read_unit, spell_home, unit_key
from .plain_cells import read_area, read_contract, read_text
from .records import Fault, HomeRecord, Reading
from .text import Cell, spelled

T = TypeVar("T")

_LIMITS: dict[Column, int] = {
    "layout": 64,
    "fitout": 64,
    "address": 200,
    "consultant": 64,
    "specialist": 64,
    "remark": 1000,
}
_CHAIN: tuple[Column, ...] = ("subscribed_on", "signed_on", "delivered_on", "keys_on", "moved_in_on")
_OUT_OF_ORDER: dict[tuple[Column, Column], FaultCode] = {
    ("signed_on", "subscribed_on"): "signed_before_subscribed",
    ("delivered_on", "subscribed_on"): "delivered_before_subscribed",
    ("delivered_on", "signed_on"): "delivered_before_signed",
    ("keys_on", "subscribed_on"): "keys_before_subscribed",
    ("keys_on", "signed_on"): "keys_before_signed",
    ("keys_on", "delivered_on"): "keys_before_delivered",
    ("moved_in_on", "subscribed_on"): "moved_in_before_subscribed",
    ("moved_in_on", "signed_on"): "moved_in_before_signed",
    ("moved_in_on", "delivered_on"): "moved_in_before_delivered",
    ("moved_in_on", "keys_on"): "moved_in_before_keys",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as far as it can be judged alone. `home`: its keys, if readable, also of a refused row."""

    record: HomeRecord | None
    home: tuple[str, str, str] | None
    contract_no: str | None
    faults: tuple[Fault, ...]
    notes: tuple[NoteCode, ...]
    phone_columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the reading of a row must know of its sheet. `horizon` is the last day that is not the future."""

    header: Header
    manners: Manners
    horizon: date
    mac_epoch: bool
    from_csv: bool
    project: str | None


class RowReader:
    """Reads the cells of one row and gathers what it meets, column by column."""

    def __init__(self, sheet: Sheet, cells: list[Cell], spoilt: Mapping[int, FaultCode]) -> None:
        self._sheet = sheet
        self._cells = cells
        self._faults: list[tuple[Column, Fault]] = []
        self._notes: list[tuple[Column, NoteCode]] = []
        self._spoilt: dict[Column, FaultCode] = {
            column: spoilt[index] for column, index in sheet.header.columns.items() if index in spoilt
        }
        for column, code in self._spoilt.items():
            self._refuse(column, code)

    def draft(self) -> Draft:
        """The row, read."""
        building, unit, room = self._home()
        project = self._take("project", read_text(self._cell("project"), limit=200))
        if project and self._sheet.project and project != self._sheet.project:
            self._refuse("project", "project_other", project=self._sheet.project)
        texts = {
            column: self._take(column, read_text(self._cell(column), limit=limit))
            for column, limit in _LIMITS.items()
        }
        area: Decimal | None = self._take("area", read_area(self._cell("area")))
        contract_no = self._take("contract_no", read_contract(self._cell("contract_no")))
        days = self._days()
        owners = read_owners(self._owner_cells(), today=self._sheet.horizon)
        for column, code, params in owners.faults:
            if column not in self._spoilt:
                self._refuse(column, code, **params)
        for column, note in owners.notes:
            if note != "phone_number_cell" or not self._sheet.manners.number_phones:
                self._notes.append((column, note))
        home = (building.key, unit.key, room.key) if building.key and room.key else None
        record = None
        if not self._faults:
            record = HomeRecord(
                building=building.text,
                building_key=building.key,
                unit=unit.text,
                unit_key=unit.key,
                room=room.text,
                room_key=room.key,
                layout=texts["layout"],
                area=area,
                fitout=texts["fitout"],
                owners=owners.owners,
                subscribed_on=days["subscribed_on"],
                signed_on=days["signed_on"],
                contract_no=contract_no,
                delivery_due_on=days["delivery_due_on"],
                delivered_on=days["delivered_on"],
                keys_on=days["keys_on"],
                moved_in_on=days["moved_in_on"],
                address=texts["address"],
                consultant=texts["consultant"],
                specialist=texts["specialist"],
                remark=texts["remark"],
            )
        return Draft(
            record,
            home,
            contract_no,
            tuple(fault for _, fault in sorted(self._faults, key=lambda pair: self._place(pair[0]))),
            tuple(
                dict.fromkeys(note for _, note in sorted(self._notes, key=lambda pair: self._place(pair[0])))
            ),
            owners.phone_columns,
        )

    def _place(self, column: Column) -> int:
        columns = self._sheet.header.columns
        return columns.get(column, columns.get("home", -1))

    def _cell(self, column: Column) -> Cell:
        index = self._sheet.header.columns.get(column)
        if index is None or index >= len(self._cells) or column in self._spoilt:
            return None
        return self._cells[index]

    def _refuse(self, column: Column, code: FaultCode, **params: str) -> None:
        title = self._sheet.header.title(column)
        self._faults.append((column, Fault(title, code, {"column": title, **params})))

    def _take(self, column: Column, reading: Reading[T]) -> T:
        if reading.fault and column not in self._spoilt:
            self._refuse(column, reading.fault, **reading.params)
        self._notes.extend((column, note) for note in reading.notes)
        return reading.value

    def _owner_cells(self) -> OwnerCells:
        return OwnerCells(
            self._cell("name"),
            self._cell("identity"),
            self._cell("phone"),
            self._cell("co_name"),
            self._cell("co_identity"),
            self._cell("co_phone"),
        )

    def _home(self) -> tuple[Place, Place, Place]:
        """Building, unit and room, from three cells or from one that names them all."""
        places = {"building": self._cell("building"), "unit": self._cell("unit"), "room": self._cell("room")}
        whole: Column = (
            "home" if "home" in self._sheet.header.columns and not spelled(places["room"]).strip() else "room"
        )
        if whole in self._spoilt or (places["building"] is None and "building" in self._spoilt):
            return NOWHERE, NOWHERE, NOWHERE
        if isinstance(places["building"], str):
            said = spell_home(places["building"])
            if said.building_key and said.unit_key and not said.room_key:
                if said.unit_key != (unit_key(spelled(places["unit"])).key or said.unit_key):
                    self._refuse("building", "home_conflict")
                    return NOWHERE, NOWHERE, NOWHERE
                places["building"] = f"{said.building_key}{self._sheet.manners.building.replace('bare', '')}"
                places["unit"] = said.unit_key
        text = self._cell(whole)
        if isinstance(text, str) and not self._unite(places, whole, text):
            self._refuse(whole, "home_conflict")
            return NOWHERE, NOWHERE, NOWHERE
        building = self._take("building", read_building(places["building"]))
        unit = self._take("unit", read_unit(places["unit"]))
        room = self._take("room", read_room(places["room"]))
        if (
            building.key
            and not unit.key
            and building.key in self._sheet.manners.divided
            and "unit" not in self._spoilt
        ):
            self._refuse("unit", "unit_missing")
        return self._building_shown(building), unit, self._room_shown(room)

    def _unite(self, places: dict[str, Cell], whole: Column, text: str) -> bool:
        """Puts what one cell says of the home in its places; False where cells contradict."""
        said = spell_home(text)
        if said.room_key is None or (said.building_key is None and said.unit_key is None):
            return True
        building, unit = spelled(places["building"]), spelled(places["unit"])
        building_said, unit_said = said.building_key, said.unit_key
        if whole == "room" and unit_said is None and building:
            # 2-301 in a room cell beside a building: the 2 is a unit, or the building once more.
            if building_said != building_key(building).key:
                unit_said = building_said
            building_said = None
        if building and building_said and building_key(building).key != building_said:
            return False
        if unit and unit_said and unit_key(unit).key != unit_said:
            return False
        places["building"] = places["building"] if building else building_said
        places["unit"] = places["unit"] if unit else unit_said
        places["room"] = said.room_key
        return True

    def _building_shown(self, building: Place) -> Place:
        usual = self._sheet.manners
        if building.manner not in ("named", usual.building) and building.manner:
            self._notes.append(("building", "building_variant"))
            number = building.key.rpartition("-")[2]
            zone = building.text.partition(number)[0]
            if number[-1:].isdigit():
                return Place(f"{zone}{number}{usual.shown}", building.key, building.manner)
        return building

    def _room_shown(self, room: Place) -> Place:
        usual = self._sheet.manners
        if room.manner == "number" and not usual.number_rooms:
            self._notes.append(("room", "room_number_cell"))
        return Place(room.text.zfill(usual.room_width), room.key) if room.text.isdecimal() else room

    def _days(self) -> dict[Column, date | None]:
        sheet = self._sheet
        days: dict[Column, date | None] = {}
        for column in (*_CHAIN, "delivery_due_on"):
            reading = read_date(self._cell(column), mac_epoch=sheet.mac_epoch, from_csv=sheet.from_csv)
            days[column] = self._take(column, reading)
        earlier: Column | None = None
        for column in _CHAIN:
            day = days[column]
            if day is None:
                continue
            if day > sheet.horizon:
                self._refuse(column, "date_in_future", value=day.isoformat())
            before = days[earlier] if earlier else None
            if earlier and before and day < before:
                self._refuse(column, _OUT_OF_ORDER[column, earlier], other=sheet.header.title(earlier))
            earlier = column
        due, signed = days["delivery_due_on"], days["signed_on"]
        if due and signed and due < signed:
            self._refuse("delivery_due_on", "due_before_signed", other=sheet.header.title("signed_on"))
        return days
