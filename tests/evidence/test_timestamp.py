"""Time-stamps: what openssl's own authority makes is believed, and what is wrong is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.evidence import timestamp
from firmware.evidence.errors import StampRefused
from tests.support.authority import Authority

DATA = b"tipring log head 1\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    yield Authority(tmp_path_factory.mktemp("tsa") / "good")


@pytest.fixture(scope="module")
def stamped(authority: Authority) -> tuple[bytes, bytes]:
    """An answer and the chain that was kept with it."""
    asked = timestamp.request(DATA)
    answer = authority.stamp(asked)
    roots = x509.load_pem_x509_certificates(authority.root)
    return answer, timestamp.accept(answer, asked, DATA, roots).chain


def test_a_stamp_is_accepted_by_us_and_by_openssl(
    authority: Authority, stamped: tuple[bytes, bytes]
) -> None:
    answer, chain = stamped
    assert authority.verify(DATA, answer, chain) == ""
    made = timestamp.check(answer, DATA, chain, authority.revocation_list())
    assert made.authority == "CN=TSA"
    assert made.chain == chain


def test_a_stamp_over_another_text_is_refused_by_both(
    authority: Authority, stamped: tuple[bytes, bytes]
) -> None:
    answer, chain = stamped
    assert "FAILED" in authority.verify(DATA + b".", answer, chain)
    with pytest.raises(StampRefused, match="over another text"):
        timestamp.check(answer, DATA + b".", chain)


def test_the_answer_to_another_request_is_refused(authority: Authority) -> None:
    answer = authority.stamp(timestamp.request(DATA))
    roots = x509.load_pem_x509_certificates(authority.root)
    with pytest.raises(StampRefused, match="another request"):
        timestamp.accept(answer, timestamp.request(DATA), DATA, roots)


def test_a_stamp_of_a_stranger_is_refused(
    authority: Authority, stamped: tuple[bytes, bytes], tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger", name="Stranger")
    assert "FAILED" in authority.verify(DATA, stamped[0], stranger.root)
    with pytest.raises(StampRefused, match="not among the trusted"):
        timestamp.check(stamped[0], DATA, stranger.root)


@pytest.mark.parametrize(("since", "until"), [(-20, -10), (5, 10)])
def test_a_certificate_that_was_not_good_then_is_refused(
    tmp_path: Path, since: int, until: int
) -> None:
    bad = Authority(tmp_path / "bad", since, until)
    answer = bad.stamp(timestamp.request(DATA))
    with pytest.raises(StampRefused, match="was not valid when the stamp was made"):
        timestamp.check(answer, DATA, bad.root)


def test_a_certificate_that_expired_since_still_proves_what_it_stamped(tmp_path: Path) -> None:
    old = Authority(tmp_path / "old", -20, -10)
    answer = old.stamp(timestamp.request(DATA), clock="-15d")
    assert timestamp.check(answer, DATA, old.root).authority == "CN=TSA"


def test_a_revoked_certificate_is_refused(tmp_path: Path) -> None:
    revoked = Authority(tmp_path / "revoked")
    answer = revoked.stamp(timestamp.request(DATA))
    crl = revoked.revoke()
    with pytest.raises(StampRefused, match="was revoked on"):
        timestamp.check(answer, DATA, revoked.root, crl)
    forged = Authority(tmp_path / "forger").revocation_list()
    with pytest.raises(StampRefused, match="not signed by its issuer"):
        timestamp.check(answer, DATA, revoked.root, forged)


def test_a_refusal_is_told_in_the_authoritys_words(authority: Authority) -> None:
    answer = authority.stamp(b"no request")
    with pytest.raises(StampRefused, match="The time-stamp authority refused"):
        timestamp.check(answer, DATA, authority.root)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_makes_another_error_than_a_refusal(
    stamped: tuple[bytes, bytes], data: st.DataObject
) -> None:
    answer, chain = stamped
    place = data.draw(st.integers(0, len(answer) - 1))
    changed = bytearray(answer)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        made = timestamp.check(bytes(changed), DATA, chain)
    except StampRefused:
        return
    assert made == timestamp.check(answer, DATA, chain)
