"""The answers of the running recorder on its control socket."""

from tests.support.box import Box, eventually


def test_nonsense_from_the_socket_is_an_answer(box: Box) -> None:
    assert not box.client.request({"do": ["x"]})["ok"]
    assert not box.client.request({"what": 1})["ok"]


def test_only_the_alarms_of_the_boxs_other_processes_are_taken(box: Box) -> None:
    told = box.client.request({"do": "alarm", "kind": "evidence", "why": "w" * 5000})
    assert told == {"ok": True}
    eventually(lambda: box.state()["alarms"].get("evidence") == "w" * 1000)
    assert box.client.request({"do": "alarm", "kind": "evidence", "why": ""})["ok"]
    eventually(lambda: not box.state()["alarms"])
    for kind, why in (("sound-card", "none"), ("evidence", None), (["evidence"], "none")):
        reply = box.client.request({"do": "alarm", "kind": kind, "why": why})
        assert "expected an alarm of evidence" in reply["error"]
