"""Every code this package can emit, as types: an unlisted code does not pass the type checker."""

from typing import Literal, get_args

FaultCode = Literal[
    "area_out_of_range",
    "area_text",
    "building_invalid",
    "building_missing",
    "cell_error",
    "cell_is_date",
    "co_owner_name_missing",
    "contract_duplicate",
    "date_ambiguous",
    "date_impossible",
    "date_in_future",
    "date_incomplete",
    "date_out_of_range",
    "date_unreadable",
    "delivered_before_signed",
    "delivered_before_subscribed",
    "due_before_signed",
    "duplicate_row",
    "formula",
    "home_conflict",
    "home_repeated",
    "home_sold_twice",
    "id_checksum",
    "id_date",
    "id_invalid",
    "id_length",
    "id_lost_digits",
    "id_masked",
    "keys_before_delivered",
    "keys_before_signed",
    "keys_before_subscribed",
    "moved_in_before_delivered",
    "moved_in_before_keys",
    "moved_in_before_signed",
    "moved_in_before_subscribed",
    "name_ambiguous",
    "name_invalid",
    "name_missing",
    "number_lost_digits",
    "owners_ids_mismatch",
    "owners_phones_mismatch",
    "phone_invalid",
    "phone_long",
    "phone_lost_digits",
    "phone_masked",
    "phone_missing",
    "phone_not_mobile",
    "phone_short",
    "phone_two_names",
    "project_other",
    "room_invalid",
    "room_missing",
    "signed_before_subscribed",
    "text_too_long",
    "unit_invalid",
    "unit_missing",
]
"""Why a row is refused."""

NoteCode = Literal[
    "building_variant",
    "date_dots",
    "date_serial",
    "date_text",
    "name_spaces",
    "nul_in_name",
    "phone_fullwidth",
    "phone_number_cell",
    "phone_shared",
    "phone_spaces",
    "room_number_cell",
    "two_owners_one_cell",
]
"""What was irregular in a row and was still read rightly."""

SkipCode = Literal["header_row", "note_row", "total_row"]
"""Why a row of the sheet is no home."""

FileCode = Literal[
    "csv_field_too_long",
    "csv_undecodable",
    "damaged",
    "encrypted",
    "header_incomplete",
    "header_twice",
    "ledger_ambiguous",
    "ledger_empty",
    "no_ledger_sheet",
    "not_a_workbook",
    "other_format",
    "project_ambiguous",
    "too_complex",
    "too_large",
    "too_many_rows",
    "too_wide",
    "xls_old",
    "zip_bomb",
]
"""Why a whole file is refused."""

ALL_CODES: frozenset[str] = frozenset(
    get_args(FaultCode) + get_args(NoteCode) + get_args(SkipCode) + get_args(FileCode)
)


class WorkbookRefused(Exception):
    """The file as a whole cannot be read: `code` is stable, `params` fill the sentence of that code."""

    def __init__(self, code: FileCode, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
