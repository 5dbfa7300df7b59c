"""A report made into its answer, and into tables. All words from `locales/report`."""

from collections.abc import Sequence
from typing import Any, Final

from backend.core.locale import Locale, say
from backend.features.hotline import schemas_reports as schemas
from backend.features.hotline import service
from backend.features.hotline.rules.rates import Counts, Rate
from backend.platform.sheets import Cell, Share, Table

_COUNTED: Final = ("received", "elsewhere", "closed", "accepted", "reopened", "late")
_RATES: Final = ("handled", "accepted_only", "replied_in_time")
_STATES: Final = ("met", "missed", "open", "void")


def shown(found: service.Report, locale: Locale) -> schemas.HotlineReport:
    """The answer."""
    return schemas.HotlineReport(
        from_=found.since,
        to=found.to,
        node_id=found.node_id,
        complaints=schemas.CaseCounts(**_counts(found, found.complaints)),
        all=schemas.CaseCounts(**_counts(found, found.all)),
        by_kind=_by(found, "kind", locale),
        by_severity=_by(found, "severity", locale),
        by_category=_by(found, "category", locale),
        by_outcome=_by(found, "outcome", locale),
        by_hour=_by(found, "hour", locale),
        clocks=[
            schemas.ClockCountsShown(
                code=one.code,
                name=say(locale, f"case.clock_{one.code}"),
                kept=_rate(one.kept, None),
                **dict(one.states),
            )
            for one in found.clocks
        ],
        steps=[
            schemas.StepCounts(
                step=one.step, role=one.role, role_words=say(locale, f"role.{one.role}"), cases=one.cases
            )
            for one in found.steps
        ],
    )


def tables(answer: schemas.HotlineReport, locale: Locale) -> list[Table]:
    """The same as tables, the whole first."""

    def word(name: str) -> str:
        return say(locale, f"report.{name}")

    head = [word("of"), *(word(name) for name in (*_COUNTED, *_RATES))]
    whole = Table(
        say(locale, "report.title", since=answer.from_, to=answer.to),
        head,
        [_row(word("complaints"), answer.complaints), _row(word("all"), answer.all)],
    )
    by = [
        Table(word(f"by_{name}"), head, [_row(one.name, one) for one in rows])
        for name, rows in (
            ("kind", answer.by_kind),
            ("severity", answer.by_severity),
            ("category", answer.by_category),
            ("outcome", answer.by_outcome),
            ("hour", answer.by_hour),
        )
    ]
    clocks = Table(
        word("by_clock"),
        [word("clock"), *(word(name) for name in _STATES), word("kept")],
        [[one.name, one.met, one.missed, one.open, one.void, _share(one.kept)] for one in answer.clocks],
    )
    steps = Table(
        word("by_step"),
        [word("step"), word("role"), word("cases")],
        [[one.step, one.role_words, one.cases] for one in answer.steps],
    )
    return [whole, *by, clocks, steps]


def _row(name: str, counts: schemas.CaseCounts) -> Sequence[Cell]:
    return [
        name,
        *(getattr(counts, one) for one in _COUNTED),
        *(_share(getattr(counts, one)) for one in _RATES),
    ]


def _share(rate: schemas.RateShown) -> Cell:
    percent = Rate(rate.count, rate.of).percent
    return None if percent is None else Share(percent)


def _by(found: service.Report, name: str, locale: Locale) -> list[schemas.CaseCountsBy]:
    return [
        schemas.CaseCountsBy(
            key=key,
            name=f"{key}:00" if name == "hour" else say(locale, f"report.{name}_{key}"),
            **_counts(found, counts),
        )
        for key, counts in found.by[name]
    ]


def _counts(found: service.Report, counts: Counts) -> dict[str, Any]:
    handling, reply = found.targets["handling-rate"], found.targets["reply-rate"]
    return {
        "received": counts.received,
        "elsewhere": counts.elsewhere,
        "closed": counts.closed,
        "accepted": counts.accepted,
        "reopened": counts.reopened,
        "late": counts.breached,
        "handled": _rate(counts.handled, handling),
        "accepted_only": _rate(counts.accepted_only, None),
        "replied_in_time": _rate(counts.in_time, reply),
    }


def _rate(rate: Rate, target: int | None) -> schemas.RateShown:
    return schemas.RateShown(
        count=rate.count,
        of=rate.of,
        percent=None if rate.percent is None else float(rate.percent),
        target=target,
        met=None if target is None else rate.meets(target),
    )
