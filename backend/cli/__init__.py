"""`tongxing`: up | api | worker | audit | migrate | import | demo | demo-estate | doctor | staff | clock | keys |
standard.

Each command is a module that is loaded when the command is called: to load the whole product takes longer than most
commands do, and `up` starts six of them.
"""

import gc
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

_MODULES = {
    "up": "up",
    "api": "api",
    "worker": "worker",
    "audit": "audit",
    "migrate": "migrate",
    "demo": "demo",
    "demo-estate": "demo_estate",
    "doctor": "doctor",
    "import": "import_estate",
    "staff": "staff",
    "clock": "clock",
    "keys": "keys",
    "standard": "standard",
}

until_the_end = ExitStack()
"""What a command opened for itself is closed when it ends, however it ends."""


class _Commands(TyperGroup):
    """The commands by name, each from its module."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _MODULES:
            return None
        # Nothing that loading makes is garbage; to look for some is a quarter of its time, and again while we run.
        gc.disable()
        module = import_module(f"{__name__}.{_MODULES[cmd_name]}")
        gc.freeze()
        gc.enable()
        command = typer.main.get_command(module.cli)
        command.name = cmd_name
        return command


cli = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False)


@cli.callback()
def tongxing() -> None:
    """Tongxing 同行: the backend of an owner app."""


def main() -> None:
    """The console script."""
    with until_the_end:
        cli()
