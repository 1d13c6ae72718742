"""Alarms: what stands and what to do, a switch for each kind, the hook for the eye only."""

import json
from dataclasses import fields, replace
from pathlib import Path

from firmware.alarms import SWITCH_OF
from firmware.choices import FILE, Choices
from firmware.config import AlarmsConfig, Config
from tests.web.conftest import Page
from web.alarms import DAYS, SWITCHES, TO_DO
from web.app import create_app
from web.whole import ALARMS


def text(page: Page) -> str:
    return str(page.get("/alarms").get_data(as_text=True))


def test_every_switch_of_the_recorder_is_on_the_page() -> None:
    own = {one.name for one in fields(AlarmsConfig)} - {"command"}
    assert set(SWITCHES) | {DAYS} == own == set(SWITCH_OF.values())


def test_for_each_alarm_it_is_said_what_to_do() -> None:
    assert set(SWITCH_OF) <= set(TO_DO) <= set(ALARMS)


def test_a_standing_alarm_is_shown_with_what_to_do(page: Page) -> None:
    assert "Nothing is wrong" in text(page)
    page.state["alarms"] = {"under-voltage": "The Raspberry Pi gets too low a voltage."}
    shown = text(page)
    assert "The Raspberry Pi gets too low a voltage." in shown
    assert "Use the power supply that is made for the Raspberry Pi." in shown


def test_a_silent_recorder_is_not_taken_for_all_well(page: Page) -> None:
    page.control.close()
    assert "what is wrong is not known" in text(page)
    assert "Nothing is wrong" not in text(page)


def test_each_switch_is_kept_by_itself_and_told_to_the_recorder(page: Page) -> None:
    page.answers["settings"] = {"ok": True}
    on = dict.fromkeys(set(SWITCHES) - {"heat"}, "1")
    assert page.send("/alarms", **on, no_calls_days="14").status_code == 302
    config, wrong = Choices(page.folder / "state").over(Config())
    assert config.alarms == replace(AlarmsConfig(), heat=False, no_calls_days=14)
    assert not wrong
    assert {"do": "settings"} in page.asked
    assert "the recorder follows them now" in text(page)
    assert page.access_log()[-1]["what"] == "alarms changed"


def test_days_that_are_no_days_change_nothing(page: Page) -> None:
    for days in ("-1", "soon", "999", "1.5"):
        page.send("/alarms", no_calls_days=days)
        assert "Nothing was changed" in text(page)
    assert not (page.folder / "state" / FILE).exists()


def test_the_hook_is_shown_and_cannot_be_set_from_a_browser(page: Page, tmp_path: Path) -> None:
    assert "never from a browser" in text(page)
    page.send("/alarms", command="/bin/sh", no_calls_days="3")
    assert "command" not in json.loads((page.folder / "state" / FILE).read_text())["alarms"]
    config = tmp_path / "tipring.toml"
    config.write_text('[alarms]\ncommand = "/usr/local/bin/tell-me"\n')
    folder = page.folder
    page.app = create_app(folder / "calls", folder / "c.sock", folder / "state", config_path=config)
    session = page.client.get_cookie("session")
    assert session is not None
    page.client = page.app.test_client()
    page.client.set_cookie("session", session.value)
    assert "/usr/local/bin/tell-me" in text(page)


def test_a_bent_configuration_is_told_on_the_page(page: Page) -> None:
    (page.folder / "state" / FILE).write_text("{")
    assert f"{FILE}: cannot be read" in text(page)
