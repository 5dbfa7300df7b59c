"""The words of a standard in one language, made ready to be put together: JSON that only days and names go into."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from backend.core.locale import Locale, say
from backend.features.journey.service.words import words
from backend.features.standard.service import Obligation, Standard, Step

CONTACTS: Final = (
    "customer_relations_specialist",
    "customer_service_specialist",
    "customer_manager",
    "customer_ambassador",
    "head_of_customer_relations",
)
"""Roles that can be an owner's one contact (CT-31), in the order in which one stands in for another.

First the specialist whom the method makes responsible for the customers of a project (RO-21, OW-04), then who follows
things up (RO-31), who is introduced while they wait (RO-01), who is posted to the project (RO-02), and whoever leads
them all (RO-05).
"""

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promised:
    """What never changes of an obligation, as JSON text; in `promise` {due} and {project} are left open.

    `only_noted`: of one whose day was over when it was laid out it is only noted that it was owed.
    """

    name: str
    promise: str | None
    role: str
    only_noted: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """A standard in one language; `mark` changes when any of its words do.

    `steps` are in its order: code, kind, their JSON without the closing brace. `contacts` has for each step the roles
    that can be the owner's contact, the fittest first.
    """

    locale: Locale
    mark: str
    standard: str
    steps: Sequence[tuple[str, str, str]]
    obligations: Mapping[str, Promised]
    contacts: Mapping[str, Sequence[str]]


def wording_of(standard: Standard, locale: Locale) -> Wording:
    """The words of a standard in a language."""
    steps = [(step.code, kind_of(step), _step(step, locale)) for step in standard.steps]
    obligations = {one.code: _promised(one, locale) for one in standard.obligations}
    return Wording(
        locale=locale,
        mark=hashlib.blake2b(repr((steps, obligations)).encode(), digest_size=8).hexdigest(),
        standard=quoted({"code": standard.code, "version": standard.version}),
        steps=steps,
        obligations=obligations,
        contacts={step.code: _contacts(standard, step.code) for step in standard.steps},
    )


def kind_of(step: Step) -> str:
    """Where a step is drawn: in order, under all of them (+1), or of the project (+2) (CT-02)."""
    if step.runs_under_all:
        return "under_all"
    return "of_project" if step.of_project else "in_order"


quoted = json.JSONEncoder(ensure_ascii=False).encode
"""As JSON. Made once: `json.dumps` with arguments makes an encoder at each call, which costs more than its work."""


@lru_cache(maxsize=10_000)
def day_in_words(day: date | None, locale: Locale) -> str:
    """A day as a sentence names it; None: one that is not known yet."""
    if day is None:
        return say(locale, "journey.day_unknown")
    month = _MONTHS[day.month - 1] if locale == "en" else day.month
    return say(locale, "journey.day", year=day.year, month=month, day=day.day)


def _step(step: Step, locale: Locale) -> str:
    told = {
        "code": step.code,
        "number": step.number,
        "name": words(step.name, locale),
        "when": words(step.when, locale),
        "touchpoint": words(step.touchpoint, locale),
        "core": words(step.core, locale),
        "kind": kind_of(step),
    }
    return quoted(told).removesuffix("}")


def _promised(one: Obligation, locale: Locale) -> Promised:
    role = None if one.responsible is None else say(locale, f"role.{one.responsible}")
    # The role of one that nobody owes is never named; the standard's own check holds that no other braces are there.
    sentence = words(one.promise, locale).replace("{role}", role or "") if one.promise else None
    return Promised(
        name=quoted(words(one.name, locale)),
        promise=None if sentence is None else quoted(sentence),
        role="null" if role is None else quoted({"code": one.responsible, "name": role}),
        only_noted=one.past == "note_only",
    )


def _contacts(standard: Standard, step: str) -> Sequence[str]:
    """Whoever makes the promises of a step is asked about it first; the others stand in, in their order."""
    promising = [one.responsible for one in standard.obligations if one.step == step and one.owner_sees]
    first = [role for role in promising if role in CONTACTS]
    return list(dict.fromkeys([*first, *CONTACTS]))
