"""The words of the shipped standards, ready to be put together: nothing is left open that nobody fills."""

import json
from datetime import date

import pytest

from backend.core.locale import LOCALES, Locale, say
from backend.features.journey.service.wording import CONTACTS, day_in_words, wording_of
from backend.features.people.rules import ROLES
from backend.features.standard.service import library, shipped

SHIPPED = sorted({code for code, _ in library()})


@pytest.mark.parametrize("locale", LOCALES)
def test_every_role_has_a_name(locale: Locale) -> None:
    assert all(say(locale, f"role.{role}") for role in ROLES)
    assert set(CONTACTS) <= set(ROLES)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", SHIPPED)
def test_the_words_of_a_shipped_standard_are_whole(code: str, locale: Locale) -> None:
    standard = shipped(code)
    assert standard is not None
    words = wording_of(standard, locale)
    assert [json.loads(told + "}")["code"] for _, _, told in words.steps] == [
        step.code for step in standard.steps
    ]
    for one in standard.obligations:
        promised = words.obligations[one.code]
        assert (json.loads(promised.role) is None) == (one.responsible is None)
        assert (promised.promise is None) == (one.promise is None)
        if promised.promise is not None:
            said = json.loads(promised.promise.replace("{due}", "1").replace("{project}", "2"))
            assert not set(said) & set("{}"), said
    # CT-31: whatever the step, everybody who could be the contact is thought of, each once.
    assert all(sorted(roles) == sorted(CONTACTS) for roles in words.contacts.values())


def test_whoever_promises_in_a_step_is_its_first_contact() -> None:
    standard = shipped("six-plus-two")
    assert standard is not None
    first = {step: roles[0] for step, roles in wording_of(standard, "en").contacts.items()}
    assert (first["STEP-1"], first["STEP-2"]) == (CONTACTS[0], "customer_relations_specialist")
    # RO-01: the customer manager is introduced while they wait.
    assert (first["STEP-3"], first["STEP-4"]) == ("customer_manager", "customer_service_specialist")


def test_a_mark_changes_with_the_words_and_with_the_language() -> None:
    standard = shipped("six-plus-two")
    assert standard is not None
    other = standard.model_copy(update={"steps": standard.steps[:-1]})
    marks = [wording_of(one, locale).mark for one in (standard, other) for locale in LOCALES]
    assert len(set(marks)) == len(marks)
    assert wording_of(standard, "en").mark == wording_of(standard, "en").mark


def test_days_are_named_in_each_language() -> None:
    day = date(2026, 9, 3)
    assert [day_in_words(day, locale) for locale in LOCALES] == [
        "2026年9月3日",
        "2026年9月3日",
        "3 September 2026",
    ]
    assert len({day_in_words(None, locale) for locale in LOCALES}) >= 2
