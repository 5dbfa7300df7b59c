"""What `tongxing import` prints: a report a person can act on, or a line of JSON a row."""

import json
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from backend.core.locale import DEFAULT, say
from backend.features.estate.service import ImportReport


def print_json(report: ImportReport) -> None:
    """One object a row of the sheet, and a last one with the sums."""
    for row in report.rows:
        told = {
            "row": row.row,
            "state": row.state,
            "column": row.column,
            "code": row.code,
            "message": _message(row.code, row.params) if row.state != "ok" else None,
        }
        print(json.dumps(told, ensure_ascii=False))
    last: dict[str, object] = {
        "project": report.project,
        "region": report.region,
        "sums": dict(report.sums),
        "written": report.written,
    }
    if report.refusal is not None:
        code, params = report.refusal
        last |= {"refused": code, "message": _message(code, params)}
    print(json.dumps(last, ensure_ascii=False))


def print_report(report: ImportReport, console: Console, *, dry_run: bool) -> None:
    """The refused rows in a table, the sums, and what became of it."""
    if report.refusal is not None:
        code, params = report.refusal
        console.print(f"[red]{_message(code, params)}[/] ({code})")
        return
    refused = [row for row in report.rows if row.state == "refused"]
    if refused:
        table = Table("行 row", "列 column", "code", box=None, padding=(0, 2, 0, 0))
        # Folded, not cut: the end of the sentence says what to do.
        table.add_column("说明 why", overflow="fold")
        for row in refused:
            table.add_row(str(row.row), row.column or "", row.code or "", _message(row.code, row.params))
        console.print(table)
    sums = report.sums
    console.print(
        f"{report.region or ''} {report.project or ''}: {sums.get('ok', 0)} ok"
        f" ({sums.get('new', 0)} new, {sums.get('changed', 0)} changed, {sums.get('same', 0)} same),"
        f" {sums.get('refused', 0)} refused, {sums.get('skipped', 0)} skipped."
    )
    console.print(_outcome(report, dry_run=dry_run))


def _outcome(report: ImportReport, *, dry_run: bool) -> str:
    if report.written:
        changed = report.sums.get("new", 0) + report.sums.get("changed", 0)
        return "[green]Written.[/]" if changed else "Nothing to write: all of it stands here already."
    if dry_run:
        return "Nothing was written: a dry run."
    if report.sums.get("refused"):
        return "[yellow]Nothing was written:[/] mend the refused rows, or take the good ones with --accept-good-rows."
    return "Nothing was written."


def _message(code: str | None, params: Mapping[str, str]) -> str:
    return say(DEFAULT, f"import.{code}", **params) if code else ""
