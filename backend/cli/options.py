"""Options that several commands have. To load them takes nothing: `up` is one of these commands."""

from pathlib import Path
from typing import Annotated

import typer

DATA = Path(".tongxing")
Data = Annotated[Path, typer.Option("--data", help="The folder that `tongxing up` serves.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]
