"""Imports by the verb a person types, in time and in memory: `python -m bench.imports [--quick] [--json]`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from openpyxl import Workbook

from bench.harness import ROOT, Figure, at_most, database, environment, options, report

_HOMES, _MANY = 1_180, 20_000
_ROUNDS = 3
_HEADER = (
    "楼栋", "单元", "房号", "户型", "建筑面积(㎡)", "装修标准", "业主姓名", "手机号码", "共有人", "共有人手机",
    "认购日期", "签约日期", "合同编号", "合同交付日期", "实际交付日期", "领钥匙日期", "通讯地址",
    "置业顾问", "客户专员",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    cpu_seconds: float
    peak_mb: float
    ok: int


def _workbook(folder: Path, homes: int, name: str) -> Path:
    """`homes` good rows: each its own contract and owner, every other one with a co-owner."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("业主台账")
    sheet.append(_HEADER)
    for number in range(homes):
        building, unit = number // 200 + 1, number // 100 % 2 + 1
        room = f"{number % 100 // 4 + 1:02}{number % 4 + 1:02}"
        shared = number % 2 == 0
        sheet.append(
            [
                f"{building}号楼", f"{unit}单元", room, "A1 三室两厅", 89.5, "毛坯", "张三", f"138{number:08}",
                "李四" if shared else None, f"139{number:08}" if shared else None,
                date(2024, 1, 5), date(2024, 1, 9), f"销2024第{number:05}号",
                date(2026, 9, 18), date(2026, 9, 18), date(2026, 9, 20), "上海市示例路1号", "赵六", "钱七",
            ]
        )  # fmt: skip
    path = folder / f"{name}.xlsx"
    book.save(path)
    return path


def _import(path: Path, env: dict[str, str]) -> _Run:
    """`tongxing import --json FILE` as a process of its own; its peak memory counts what it starts, too."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "backend", "import", str(path), "--json", "--region", "上海"]
    command += ["--project", path.stem]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, env=env, cwd=ROOT, stdout=said)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        said.seek(0)
        last = said.read().decode().splitlines()[-1:]
    if child.returncode != 0:
        raise RuntimeError(f"{command} ended with {child.returncode}: {last}")
    # Linux counts the largest process of the family, in KiB.
    return _Run(
        seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, json.loads(last[0])["sums"]["ok"]
    )


def main() -> None:
    """Run and print."""
    wanted = options(__doc__ or "")
    rounds = 1 if wanted.quick else _ROUNDS
    with database() as running, tempfile.TemporaryDirectory() as folder:
        env = environment(running)
        few = [_import(_workbook(Path(folder), _HOMES, f"few{number}"), env) for number in range(rounds)]
        many = _import(_workbook(Path(folder), _MANY, "many"), env)
        again = _import(Path(folder) / "few0.xlsx", env)
    small = median(run.peak_mb for run in few)
    peer = f"{few[0].ok} homes"
    figures = [
        at_most(f"{few[0].ok} homes with contracts", median(run.seconds for run in few), 5, unit="s"),
        Figure(f"{few[0].ok} homes, processor of the command", round(few[0].cpu_seconds, 2), "s"),
        Figure("the same file again", round(again.seconds, 2), "s"),
        Figure(f"{many.ok} homes with contracts", round(many.seconds, 2), "s"),
        Figure(f"peak memory, {few[0].ok} homes", round(small, 1), "MB"),
        Figure(f"peak memory, {many.ok} homes", round(many.peak_mb, 1), "MB"),
        at_most(f"peak memory, {many.ok} homes", many.peak_mb / small, 1.5, unit="x", peer=peer),
    ]
    report("Imports", figures, wanted)


if __name__ == "__main__":
    main()
