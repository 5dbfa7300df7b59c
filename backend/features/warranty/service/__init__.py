"""The door of the warranty's feature: what the others may call."""

from backend.features.warranty.repository.projects import Which
from backend.features.warranty.service.auditing import batches_without_timer, notices_without_timer
from backend.features.warranty.service.batches import (
    DEADLINE,
    BatchView,
    Defect,
    add_defects,
    answer_batch,
    batch_to_move,
    batches_page,
    begin_batch,
    correct_defects,
    find_batch,
    lines_of,
    move_deadline,
    remove_defect,
    send_batch,
)
from backend.features.warranty.service.contracts import (
    ContractView,
    contract_to_edit,
    contracts_page,
    edit_contract,
    enter_contract,
    set_stage,
)
from backend.features.warranty.service.covering import Cover, cover
from backend.features.warranty.service.following import (
    FOLLOW_HOMES,
    NOTICE,
    follow_homes,
    follow_ownerships,
)
from backend.features.warranty.service.ledger import LedgerLine, ledger_as_csv, ledger_page
from backend.features.warranty.service.overdue import tell_overdue
from backend.features.warranty.service.reading import ItemView, Search, WarrantyView, warranty_of
from backend.features.warranty.service.statutory import (
    Checked,
    Entered,
    enter_statutory_term,
    statutory_terms,
)
from backend.features.warranty.service.telling import tell_households
from backend.features.warranty.service.wording import concerns

__all__ = [
    "DEADLINE",
    "FOLLOW_HOMES",
    "NOTICE",
    "BatchView",
    "Checked",
    "ContractView",
    "Cover",
    "Defect",
    "Entered",
    "ItemView",
    "LedgerLine",
    "Search",
    "WarrantyView",
    "Which",
    "add_defects",
    "answer_batch",
    "batch_to_move",
    "batches_page",
    "batches_without_timer",
    "begin_batch",
    "concerns",
    "contract_to_edit",
    "contracts_page",
    "correct_defects",
    "cover",
    "edit_contract",
    "enter_contract",
    "enter_statutory_term",
    "find_batch",
    "follow_homes",
    "follow_ownerships",
    "ledger_as_csv",
    "ledger_page",
    "lines_of",
    "move_deadline",
    "notices_without_timer",
    "remove_defect",
    "send_batch",
    "set_stage",
    "statutory_terms",
    "tell_households",
    "tell_overdue",
    "warranty_of",
]
