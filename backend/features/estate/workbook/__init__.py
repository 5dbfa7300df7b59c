"""The reading half of an estate's import: a sales department's workbook goes in, judged rows come out.

What is decided here, because a sheet can be read in more than one way:

- One ledger a workbook. Hidden sheets are not read; of several fitting sheets the one named 业主台账 is
  meant, else the file is refused. Empty cells take a value only from a merged range.
- A unit may be empty, unless other rows of the same building name one. Rooms compare without leading zeros.
- The first owner needs a phone that can receive a code. Co-owners may go without, and do where two owners
  share one. More phones or documents than owners are refused, fewer are dealt out in order.
- The same phone under two names on two rows is refused on the later one: a phone is one person's account.
- subscribed <= signed <= delivered <= keys <= moved in, wherever two of them are known; due >= signed. A step
  may be unknown though a later one is known. What has happened lies before today, or before the day that the
  sheet's title says it was drawn up.
- 交付日期 alone is the promised date; beside a promised one it is the actual.
- Two-digit years and days that may be months are refused, never guessed. Formulas are refused by row, and
  only where the column is read.
- A home that comes again is refused the second time, whether or not the first row was good.
"""

from .codes import ALL_CODES, WorkbookRefused
from .places import HomeSpelling, spell_home
from .process import Workbook, read_workbook
from .records import Fault, HomeRecord, JudgedRow, OwnerCell, ProjectFacts
from .template import template

__all__ = [
    "ALL_CODES",
    "Fault",
    "HomeRecord",
    "HomeSpelling",
    "JudgedRow",
    "OwnerCell",
    "ProjectFacts",
    "Workbook",
    "WorkbookRefused",
    "read_workbook",
    "spell_home",
    "template",
]
