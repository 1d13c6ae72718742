"""About: version, how long everything runs, how the box does, when it was not recording."""

from firmware import __version__
from tests.web.conftest import Page


def text(page: Page) -> str:
    return str(page.get("/about").get_data(as_text=True))


def test_version_and_uptimes_are_shown(page: Page) -> None:
    page.state["running_s"] = 7200.0
    shown = text(page)
    assert __version__ in shown
    assert "2 hours" in shown
    assert "All is well" in shown
    assert "none yet" in shown


def test_alarms_are_counted_and_lead_to_what_to_do(page: Page) -> None:
    page.state["alarms"] = {"overheating": "hot", "line-cut": "cut"}
    shown = text(page)
    assert "2 alarms stand" in shown
    assert 'href="/alarms"' in shown
    assert "All is well" not in shown


def test_a_silent_recorder_is_no_healthy_box(page: Page) -> None:
    page.control.close()
    shown = text(page)
    assert "All is well" not in shown
    assert "The recorder does not answer" in shown


def test_blind_times_stand_there_with_their_cause(page: Page) -> None:
    assert "Never, as far as the box knows" in text(page)
    page.archive.add_row(
        {"line": "1", "kind": "blind", "direction": "", "outcome": "blind", "answered": False}
        | {"cause": "off", "duration_s": 754.0, "started_at": "2026-03-04T05:06:07.000+00:00"}
    )
    shown = text(page)
    assert "12:34, the box had no power" in shown
    assert "Never, as far" not in shown


def test_anyone_may_ask_whether_the_page_lives(fresh: Page) -> None:
    assert fresh.get("/healthz").get_data(as_text=True) == "ok\n"
