"""Anchors outside the box: asked for when online, queued when not."""

from pathlib import Path

import pytest

from firmware.evidence import anchors, timestamp
from firmware.evidence.anchors import DAY_S, Anchors
from firmware.evidence.authority import HttpAuthority
from firmware.evidence.check import check_log
from firmware.evidence.entries import Kind
from firmware.evidence.errors import AuthorityUnreachable, StampRefused
from firmware.evidence.merkle import verify_consistency
from tests.evidence.conftest import Box
from tests.support.authority import Authority, served


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tsa")


def http(authority: Authority, url: str) -> HttpAuthority:
    return HttpAuthority(url, authority.folder / "ca.pem")


def test_a_head_is_stamped_over_http_and_openssl_accepts_the_stamp(
    box: Box, authority: Authority
) -> None:
    log = box.log()
    entry = log.append(Kind.RECORDED, "call-1")
    with served(authority) as url:
        queue = Anchors(log, http(authority, url))
        queue.tick(box.clocks.wall)
    anchor = anchors.Stamped(queue.folder).covering(entry.sequence)
    assert anchor is not None
    assert authority.verify(anchor.signed.head.text(), anchor.answer, anchor.stamp.chain) == ""
    assert log.entry(log.size - 1).kind == Kind.ANCHORED
    state = queue.state()
    assert (state.waiting, state.last, state.trouble) == (0, anchor, "")
    check_log(box.folder, box.key.public, anchors.Stamped(queue.folder).heads())


def test_thirty_days_offline_are_queued_and_drained_when_the_network_is_back(
    box: Box, authority: Authority
) -> None:
    log = box.log()
    queue = Anchors(log, http(authority, "http://127.0.0.1:9/"))  # nobody listens there
    begun, made, looks = box.clocks.wall, [], 0
    while box.clocks.wall < begun + 30 * DAY_S:
        made.append(log.append(Kind.RECORDED, f"call-{len(made)}"))
        again = queue.tick(box.clocks.wall)
        looks += 1
        box.clocks.pass_by(max(1.0, again - box.clocks.wall))
    state = queue.state()
    assert 28 <= state.waiting <= 31
    assert state.since is not None
    assert state.since < begun + DAY_S
    assert "cannot be reached" in state.trouble
    assert looks < 30 * 6  # the queue asks ever more rarely
    with served(authority) as url:
        Anchors(log, http(authority, url)).tick(box.clocks.wall)
    assert queue.state().waiting == 0
    for entry in made:
        anchor = anchors.Stamped(queue.folder).covering(entry.sequence)
        assert anchor is not None
        old = anchor.signed.head
        now = log.head().head
        path = log.prove_growth(old.size)
        assert verify_consistency(old.size, now.size, path, old.root, now.root)


def test_nothing_new_is_not_stamped_again(box: Box, authority: Authority) -> None:
    log = box.log()
    with served(authority) as url:
        queue = Anchors(log, http(authority, url))
        for _ in range(5):
            queue.tick(box.clocks.wall)
            box.clocks.pass_by(DAY_S)
    assert len(list(queue.folder.glob("*.tsr"))) == 1


def test_an_answer_that_does_not_hold_is_not_kept(
    box: Box, authority: Authority, tmp_path: Path
) -> None:
    log = box.log()
    stranger = Authority(tmp_path / "stranger", name="Stranger")
    with served(stranger) as url:
        queue = Anchors(log, http(authority, url))
        queue.tick(box.clocks.wall)
        state = queue.state()
        assert state.waiting == 1
        assert "not among the trusted ones" in state.trouble
        with pytest.raises(StampRefused):
            queue.drain()
    assert anchors.Stamped(queue.folder).newest() is None


def test_a_revoked_authority_is_found_when_a_stamp_is_read_again(
    box: Box, authority: Authority
) -> None:
    log = box.log()
    with served(authority) as url:
        queue = Anchors(log, http(authority, url))
        queue.tick(box.clocks.wall)
    [tsr] = queue.folder.glob("*.tsr")
    tsr.with_suffix(".crl").write_bytes(authority.revoke())
    with pytest.raises(StampRefused, match="was revoked"):
        queue.state()


def test_only_web_addresses_are_authorities() -> None:
    with pytest.raises(AuthorityUnreachable):
        HttpAuthority("file:///etc/passwd")


def test_the_request_holds_the_hash_and_nothing_of_the_text() -> None:
    assert b"secret" not in timestamp.request(b"secret")
