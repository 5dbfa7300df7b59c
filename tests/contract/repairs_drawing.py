"""Draws the states of tickets out of the code into docs/repairs.md: `python -m tests.contract.repairs_drawing`."""

import re
from pathlib import Path
from typing import Final

from backend.features.repairs.acts import ACTS
from backend.features.repairs.rules.states import MOVES

PAGE: Final = Path(__file__).parents[2] / "docs" / "repairs.md"
_DRAWN: Final = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def picture() -> str:
    """The states and what leads from one to the next."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> reported"]
    for move in MOVES.values():
        lines += [f"    {source} --> {move.target}: {move.code}" for source in move.sources if move.target]
    return "\n".join([*lines, "    closed --> [*]", "    cancelled --> [*]", "```"])


def table() -> str:
    """Every move: who may, from where to where, its gate, what it brings, the line that it writes."""
    rows = ["| move | who | from | to | gate | brings | line |", "|---|---|---|---|---|---|---|"]
    for code, move in MOVES.items():
        brings = ", ".join(
            name if field.is_required() else f"{name}?" for name, field in ACTS[code].model_fields.items()
        )
        cells = (
            f"`{code}`",
            ", ".join(move.parts),
            ", ".join(move.sources) if len(move.sources) < 12 else "anywhere",
            move.target or "stays",
            move.needs or "",
            brings,
            f"`{move.line}`",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def drawn(page: str) -> str:
    """The page with its drawn parts as the code has them."""
    parts = {"picture": picture(), "table": table()}
    return _DRAWN.sub(lambda found: f"{found[1]}{parts[found[2]]}\n{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
