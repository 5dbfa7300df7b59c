"""Draws the states of cases out of the code into docs/cases.md: `python -m tests.contract.cases_drawing`."""

import re
from pathlib import Path
from typing import Final

from backend.features.hotline.acts import ACTS
from backend.features.hotline.acts_flow import FLOW_ACTS
from backend.features.hotline.routes.flow import VERBS
from backend.features.hotline.rules.clocks import met_by
from backend.features.hotline.rules.states import ENDED, MOVES

PAGE: Final = Path(__file__).parents[2] / "docs" / "cases.md"
_DRAWN: Final = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def picture() -> str:
    """The states and what leads from one to the next."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> received"]
    for move in MOVES.values():
        lines += [f"    {source} --> {move.target}: {move.code}" for source in move.sources if move.target]
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in ENDED), "```"])


def table() -> str:
    """Every move: its address, who may, from where to where, its gate, what it brings, which clocks it ends."""
    rows = [
        "| move | address | who | from | to | gate | brings | ends |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for code, move in MOVES.items():
        brings = ", ".join(
            name if field.is_required() else f"{name}?"
            for name, field in (ACTS | FLOW_ACTS)[code].model_fields.items()
        )
        cells = (
            f"`{code}`",
            f"`{VERBS[code][0]}`" if code in VERBS else "through its visit",
            ", ".join(move.parts),
            ", ".join(move.sources)
            if len(move.sources) < 7
            else "anywhere live"
            if len(move.sources) < 10
            else "anywhere",
            move.target or "stays",
            move.needs or "",
            brings,
            ", ".join(met_by(code)),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def drawn(page: str) -> str:
    """The page with its drawn parts as the code has them."""
    parts = {"picture": picture(), "table": table()}
    return _DRAWN.sub(lambda found: f"{found[1]}{parts[found[2]]}\n{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
