"""What is heard of the line at once, through the control socket."""

from itertools import islice

import numpy as np

from tests.support.box import Box, eventually


def test_a_running_call_is_heard_live_until_it_is_private(box: Box) -> None:
    box.source.level = 2000
    with box.client.listening() as (reply, _):
        assert not reply["ok"]  # nothing is heard of a line that is on-hook
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    with box.client.listening() as (reply, blocks):
        assert reply == {"ok": True, "rate": 8000}
        block = np.frombuffer(next(blocks), "<i2")
        assert block.max() == 2000
        assert box.client.request({"do": "private"})["ok"]
        rest = list(blocks)
        assert len(rest) < 100
    with box.client.listening() as (reply, _):
        assert not reply["ok"]
    box.line.apply("offhook", False)


def test_the_level_of_a_running_call_is_told_once_a_second(box: Box) -> None:
    box.source.level = 2000
    events = box.client.events(greeted=True)
    assert next(events) == {"event": "subscribed"}
    box.line.apply("offhook", True)
    told = (event["dbm0"] for event in events if event["event"] == "level")
    # What was captured before the sound began may still be on its way.
    assert any(-30 < dbm0 < -10 for dbm0 in islice(told, 5))
    box.line.apply("offhook", False)
