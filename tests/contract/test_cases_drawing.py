"""What docs/cases.md draws is what the code does."""

from tests.contract.cases_drawing import PAGE, drawn


def test_the_page_is_drawn_from_the_code() -> None:
    page = PAGE.read_text()
    assert page.count("<!-- drawn: ") == 2
    assert drawn(page) == page, "draw it anew: python -m tests.contract.cases_drawing"
