"""All decoders side by side, at both rates of the recorder."""

import numpy as np
import pytest

from firmware.events import AlertingTone, DtmfDigit, Tone, ToneStarted
from firmware.plans import load_plans
from firmware.signals.bank import DecoderBank
from firmware.simulator.generators.dtmf import sequence
from firmware.simulator.generators.tones import tone


def line(rate: int) -> np.ndarray:
    quiet = np.zeros(rate)
    parts = [
        quiet,
        tone("dial", rate, 2.0, -15.0),
        sequence("42", rate),
        quiet,
        tone("busy", rate, 4.0, -15.0),
        quiet,
        quiet,
        tone("dt-as", rate, 0.1, -15.0),
        quiet,
    ]
    return np.concatenate(parts).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_tones_digits_and_alerts_are_told_at_the_place_of_the_stream_they_were_fed(
    rate: int,
) -> None:
    bank = DecoderBank(rate, load_plans("PL"), "PL")
    found = [*bank.feed(line(rate)), *bank.flush()]
    digits = [one.digit for one in found if isinstance(one, DtmfDigit)]
    tones = {one.name: one for one in found if isinstance(one, Tone)}
    [alert] = [one for one in found if isinstance(one, AlertingTone)]
    assert digits == ["4", "2"]
    assert set(tones) == {"dial", "busy"} == {o.name for o in found if isinstance(o, ToneStarted)}
    assert tones["dial"].start == pytest.approx(1.0 * rate, abs=0.02 * rate)
    assert tones["dial"].end == pytest.approx(3.0 * rate, abs=0.02 * rate)
    assert alert.start == pytest.approx(10.32 * rate, abs=0.01 * rate)
    assert alert.end - alert.start == pytest.approx(0.1 * rate, abs=0.01 * rate)


def test_without_plans_only_what_needs_none_is_told() -> None:
    found = DecoderBank().feed(line(8000))
    assert not [one for one in found if isinstance(one, Tone | ToneStarted)]
    assert [one for one in found if isinstance(one, AlertingTone)]
