"""What is made before it is asked for, and what a fault of one call does to the others."""

import threading
import time

import pytest

from firmware.archive.sound import Sound
from firmware.archive.waveform import Waveforms
from tests.web.conftest import Page, until
from web.prepare import Preparer
from web.shelf import Shelf


def preparer(page: Page, waves: Waveforms) -> Preparer:
    return Preparer(Shelf(page.folder / "calls"), waves, lambda: page.folder / "state/mp3")


def test_waveform_and_mp3_are_made_beside(page: Page) -> None:
    call, waves = page.call(), Waveforms(page.folder / "w.sqlite")
    made = preparer(page, waves)
    made.wave(call["id"])
    made.mp3(call["id"])
    until(lambda: bool(waves.known([call["id"]])))
    until(lambda: bool(list((page.folder / "state/mp3").glob("*.mp3"))))


def test_pages_that_are_asked_for_go_first_but_not_for_ever(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, waves = page.call(), Waveforms(page.folder / "w.sqlite")
    made = preparer(page, waves)
    monkeypatch.setattr("web.prepare.QUIET_S", 0.02)
    monkeypatch.setattr("web.prepare.PATIENCE_S", 3600.0)
    asking = threading.Event()

    def ask() -> None:
        while not asking.wait(0.001):
            made.asked()

    someone = threading.Thread(target=ask)
    made.asked()
    someone.start()
    made.wave(call["id"])
    time.sleep(0.3)
    assert not waves.known([call["id"]])
    asking.set()
    someone.join()
    until(lambda: bool(waves.known([call["id"]])))
    other = page.call()
    monkeypatch.setattr("web.prepare.QUIET_S", 0.05)
    monkeypatch.setattr("web.prepare.PATIENCE_S", 0.0)
    made.asked()
    made.wave(other["id"])
    until(lambda: bool(waves.known([other["id"]])))


def test_a_fault_with_one_call_leaves_the_others_prepared(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(Waveforms):
        def of(self, call_id: str, master: Sound) -> bytes:
            if call_id == first["id"]:
                raise RuntimeError("a fault of ours")
            return super().of(call_id, master)

    first, second, waves = page.call(), page.call(), Broken(page.folder / "w.sqlite")
    made = preparer(page, waves)
    made.wave("nothing")
    made.wave(first["id"])
    made.wave(second["id"])
    until(lambda: bool(waves.known([second["id"]])))
    assert "a fault of ours" in capsys.readouterr().err
