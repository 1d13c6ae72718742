"""A Polish owner, too, is told how many calls were damaged and how many seconds are missing."""

from firmware.archive.recovery import Report
from firmware.archive.waiting import Waiting
from tests.web.conftest import Page
from web.figures import figures


def of_recovery() -> str:
    """What the recorder says of three damaged calls, and of two that were cut off."""
    report = Report(damaged=3, missing_s=41.0, entered=5)
    report.closed = [{"outcome": "unfinished"}, {"outcome": "unfinished"}, {"outcome": "answered"}]
    return report.words()


def test_what_recovery_found_is_counted_in_polish(page: Page) -> None:
    page.state["alarms"] = {"recovered": of_recovery()}
    text = page.get("/", headers={"Accept-Language": "pl"}).get_data(as_text=True)
    assert "przerwane przez to: 2, dokończone: 1, ponownie wpisane na listę: 5" in text
    assert "uszkodzone: 3, brakuje: 41 s" in text
    assert "damaged" not in text


def test_sound_that_was_lost_is_counted_in_polish(page: Page) -> None:
    waiting = Waiting()
    waiting.shed, waiting.shed_s, waiting._shed_of = 192_000, 11.2, {"a", "b"}
    page.state["alarms"] = {"sound-lost": waiting.words}
    text = page.get("/", headers={"Accept-Language": "pl"}).get_data(as_text=True)
    assert "utracone: 12 s" in text
    assert "rozmowy, których to dotyczy: 2" in text


def test_words_without_a_figure_stay_without() -> None:
    assert figures("The card does not answer.") == ""
