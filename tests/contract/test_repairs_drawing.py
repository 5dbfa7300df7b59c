"""What docs/repairs.md draws is what the code does."""

from tests.contract.repairs_drawing import PAGE, drawn


def test_the_page_is_drawn_from_the_code() -> None:
    page = PAGE.read_text()
    assert page.count("<!-- drawn: ") == 2
    assert drawn(page) == page, "draw it anew: python -m tests.contract.repairs_drawing"
