"""Uploaded workbooks that no import waits for are swept up."""

import os
import time
from pathlib import Path

from backend.core.ids import new_id
from backend.features.estate.housekeeping import forget_uploads
from backend.features.estate.models import Import
from backend.platform.process import Process
from tests.fixtures.process import Begin


def kept(folder: Path, name: str, age_hours: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(b"workbook")
    then = time.time() - age_hours * 3600
    os.utime(path, (then, then))
    return path


async def test_only_old_files_that_nobody_waits_for_go(process: Process, work: Begin) -> None:
    folder = process.settings.import_folder
    waiting = new_id()
    async with work() as session:
        session.add(
            Import(
                id=waiting,
                file_name="a.xlsx",
                file_digest=b"",
                state="received",
                created_at=process.clock.now(),
            )
        )
    orphan, fresh = kept(folder, str(new_id()), 25), kept(folder, str(new_id()), 23)
    wanted = kept(folder, str(waiting), 25)
    async with work() as session:
        await forget_uploads(process)(session)
    assert (orphan.exists(), fresh.exists(), wanted.exists()) == (False, True, True)


async def test_without_a_folder_there_is_nothing_to_sweep(process: Process, work: Begin) -> None:
    async with work() as session:
        await forget_uploads(process)(session)
    assert not process.settings.import_folder.exists()
