"""The warranty over HTTP."""

from backend.features.warranty.routes.batches import batches
from backend.features.warranty.routes.contracts import contracts
from backend.features.warranty.routes.ledger import ledger
from backend.features.warranty.routes.owners import owners
from backend.features.warranty.routes.statutory import statutory

__all__ = ["batches", "contracts", "ledger", "owners", "statutory"]
