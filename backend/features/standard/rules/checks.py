"""What can be wrong in a document whose every part is right by itself: whatever is named elsewhere has to exist."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from backend.features.standard.document import Due, Obligation, OwnershipDate, ProjectDate, Standard
from backend.features.standard.rules.plain import marks, plain, walk

_OWNERSHIP_DATES = frozenset(get_args(OwnershipDate))
_PROJECT_DATES = frozenset(get_args(ProjectDate))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where, such as `obligations[delivery-pack].step`, and its code with what its sentence names."""

    path: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


def faults(standard: Standard, roles: Collection[str]) -> list[Fault]:
    """Everything that does not fit together; `roles` are those that a position can hold."""
    return [
        *_codes_twice(standard),
        *_changeover(standard),
        *_steps(standard),
        *_obligations(standard, roles),
        *_cases(standard, roles),
        *_values(standard),
        *_assessment(standard),
        *_notices(standard),
    ]


def _codes_twice(standard: Standard) -> Iterator[Fault]:
    for path, value in walk(plain(standard)):
        if isinstance(value, list):
            codes = Counter(item["code"] for item in value if isinstance(item, dict) and "code" in item)
            for code in [code for code, times in codes.items() if times > 1]:
                yield Fault(path, "standard_code_twice", {"name": code})


def _changeover(standard: Standard) -> Iterator[Fault]:
    # RC-27 counts it in calendar days; anything else would need a calendar to say which version is in order.
    if standard.changeover.kind != "calendar_days" or standard.changeover.value < 0:
        yield Fault("changeover", "standard_changeover")


def _at(section: str, items: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Each item of a section with its path."""
    dumped = [{"code": item.code} if hasattr(item, "code") else {} for item in items]
    return ((f"{section}[{mark}]", item) for mark, item in zip(marks(dumped), items, strict=True))


def _unknown(path: str, what: str, name: str | None, known: Collection[str]) -> Iterator[Fault]:
    if name is not None and name not in known:
        yield Fault(path, f"standard_{what}_unknown", {"name": name})


def _codes(items: Iterable[Any]) -> set[str]:
    return {item.code for item in items}


def _steps(standard: Standard) -> Iterator[Fault]:
    obligations = _codes(standard.obligations)
    for at, step in _at("steps", standard.steps):
        for index, moment in enumerate(step.begins):
            place = f"{at}.begins[{index}]"
            yield from _unknown(f"{place}.done", "obligation", moment.done, obligations)
            for anchor in moment.date or ():
                yield from _date(standard, f"{place}.date", anchor, of_project=step.of_project)
    yield from _circles(standard)


def _circles(standard: Standard) -> Iterator[Fault]:
    """Steps that wait for one another. A step may begin with what is done in itself: its first act."""
    step_of = {obligation.code: obligation.step for obligation in standard.obligations}
    waits = {
        step.code: {step_of[moment.done] for moment in step.begins if moment.done in step_of} - {step.code}
        for step in standard.steps
    }
    for at, step in _at("steps", standard.steps):
        reached: set[str] = set()
        ahead = list(waits[step.code])
        while ahead:
            one = ahead.pop()
            if one not in reached:
                reached.add(one)
                ahead += waits.get(one, set())
        if step.code in reached:
            yield Fault(f"{at}.begins", "standard_circle", {"name": step.code})


def _date(standard: Standard, path: str, date: str | None, *, of_project: bool) -> Iterator[Fault]:
    if date is not None and of_project and date not in _PROJECT_DATES:
        yield Fault(path, "standard_ownership_date", {"name": date})
    if date == "warranty_ends_on" and standard.warranty is None:
        yield Fault(path, "standard_warranty_missing")


def _obligations(standard: Standard, roles: Collection[str]) -> Iterator[Fault]:
    steps, checklists = _codes(standard.steps), _codes(standard.checklists)
    scripts, obligations = _codes(standard.scripts), _codes(standard.obligations)
    for at, one in _at("obligations", standard.obligations):
        yield from _unknown(f"{at}.step", "step", one.step, steps)
        yield from _unknown(f"{at}.checklist", "checklist", one.checklist, checklists)
        yield from _unknown(f"{at}.script", "script", one.script, scripts)
        yield from _unknown(f"{at}.responsible", "role", one.responsible, roles)
        yield from _dates(standard, at, one)
        if one.ends is not None:
            yield from _unknown(f"{at}.ends.done", "obligation", one.ends.done, obligations)
        if _is_after(one.opens, one.due):
            yield Fault(f"{at}.opens", "standard_opens_after_due")


def _dates(standard: Standard, at: str, one: Obligation) -> Iterator[Fault]:
    of_project = one.of == "project"
    for anchor in one.from_:
        if not of_project and anchor not in _OWNERSHIP_DATES:
            yield Fault(f"{at}.from", "standard_project_date", {"name": anchor})
        yield from _date(standard, f"{at}.from", anchor, of_project=of_project)
    yield from _date(standard, f"{at}.until", one.until, of_project=of_project)
    ends = one.ends.date if one.ends is not None else None
    for anchor in ends or ():
        yield from _date(standard, f"{at}.ends.date", anchor, of_project=of_project)


def _is_after(opens: Due | None, due: Due | None) -> bool:
    return opens is not None and due is not None and opens.kind == due.kind and opens.value > due.value


def _cases(standard: Standard, roles: Collection[str]) -> Iterator[Fault]:
    clocks = _codes(standard.clocks)
    categories = {choice.code for classes in standard.classes for choice in classes.choices}
    for at, chain in _at("chains", standard.chains):
        for index, clock in enumerate(chain.clocks):
            yield from _unknown(f"{at}.clocks[{index}]", "clock", clock, clocks)
        for index, step in enumerate(chain.steps):
            place = f"{at}.steps[{index}]"
            if (step.role is None) == (not step.by_category):
                yield Fault(place, "standard_one_value", {"of": "role, by_category"})
            yield from _unknown(f"{place}.role", "role", step.role, roles)
            for category, role in step.by_category.items():
                yield from _unknown(f"{place}.by_category.{category}", "category", category, categories)
                yield from _unknown(f"{place}.by_category.{category}", "role", role, roles)


def _values(standard: Standard) -> Iterator[Fault]:
    """Where a value belongs, there is one, or it is said that it is not set (GP-..)."""
    for at, clock in _at("clocks", standard.clocks):
        if clock.due is None and clock.not_set is None and not clock.per_case:
            yield Fault(at, "standard_one_value", {"of": "due, per_case, not_set"})
    for at, setting in _at("settings", standard.settings):
        if (setting.due is None) == (setting.not_set is None):
            yield Fault(at, "standard_one_value", {"of": "due, not_set"})
    for at, checklist in _at("checklists", standard.checklists):
        if not checklist.items and checklist.not_set is None:
            yield Fault(at, "standard_one_value", {"of": "items, not_set"})
    for at, script in _at("scripts", standard.scripts):
        if not script.questions and script.not_set is None:
            yield Fault(at, "standard_one_value", {"of": "questions, not_set"})
    for at, item in _at("warranty.items", standard.warranty.items if standard.warranty else ()):
        if (item.base_years is None) == (item.not_set is None):
            yield Fault(at, "standard_one_value", {"of": "base_years, not_set"})
    for at, kept in _at("retention", standard.retention):
        if kept.most is not None and kept.most < kept.least:
            yield Fault(f"{at}.most", "standard_most_below_least")


def _notices(standard: Standard) -> Iterator[Fault]:
    """A policy has to mean something, and what protects people is no matter of taste."""
    for at, one in _at("notices", standard.notices):
        for channel in sorted({channel for channel in one.channels if one.channels.count(channel) > 1}):
            yield Fault(f"{at}.channels", "standard_code_twice", {"name": channel})
        if one.sms_after is not None and one.not_set is not None:
            yield Fault(at, "standard_one_value", {"of": "sms_after, not_set"})
        if (one.in_order or one.sms_after is not None) and not {"push", "sms"} <= set(one.channels):
            yield Fault(f"{at}.channels", "standard_notice_follows")
        if one.legal and (one.in_order or one.may_switch_off or not {"sms", "email"} <= set(one.channels)):
            yield Fault(at, "standard_notice_legal")
        if one.urgency == "urgent" and one.quiet_hours:
            yield Fault(f"{at}.quiet_hours", "standard_notice_page")


def _assessment(standard: Standard) -> Iterator[Fault]:
    """CT-27: the weights are counted once each, and make the whole."""
    if standard.assessment is not None:
        total = sum(weight.percent for weight in standard.assessment.weights)
        if total != 100:
            yield Fault("assessment.weights", "standard_weights", {"total": total})
