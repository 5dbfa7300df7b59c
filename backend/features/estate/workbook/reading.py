"""From a file to judged rows, in this very process: the work that the confined process does."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from .facts import project_facts
from .judge import judged
from .ledger import choose
from .records import JudgedRow, ProjectFacts
from .source import tables


def read(path: Path, today: date) -> tuple[ProjectFacts, str, Iterator[JudgedRow]]:
    """The project's facts, the ledger's name, and its rows as they are judged. Raises WorkbookRefused."""
    ledger, others = choose(tables(path))
    facts = project_facts(others)
    return facts, ledger.table.name, judged(ledger, facts.name, today)
