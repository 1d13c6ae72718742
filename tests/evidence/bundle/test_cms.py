"""The page's own check of a time-stamp, against tokens of `openssl ts`, opened from the disk."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Page, sync_playwright

from firmware.evidence import timestamp
from firmware.evidence.certificates import load_pem
from tests.support.authority import Authority
from tests.support.firefox import firefox

JS = Path(__file__).parents[3] / "firmware/evidence/bundle"
TEXT = b"tipring log head 1\nbox ...\n"
KEYS = {
    "RSA-2048": ("rsa:2048",),
    "RSA-4096": ("rsa:4096",),
    "P-256": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "P-384": ("ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
}
HARNESS = """
globalThis.tried = async (token, text, chain, crl) => {
  try { return { ok: await checkStamp(unbase64(token), unbase64(text), chain, crl) }; }
  catch (error) { return { refused: error instanceof StampRefused ? error.word : String(error) }; }
};"""
Try = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = ("sha.js", "words.js", "check.js", "cms.js")
    script = "\n".join((JS / name).read_text() for name in names)
    path = tmp_path_factory.mktemp("page") / "harness.html"
    path.write_text(f"<!doctype html><title>x</title><script>{script}{HARNESS}</script>")
    return path


@pytest.fixture(scope="module")
def chromium(harness: Path) -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        sheet = browser.new_context(offline=True).new_page()
        sheet.goto(harness.as_uri())
        yield sheet
        browser.close()


@pytest.fixture(scope="module")
def tried(chromium: Page) -> Try:
    def tried(token: bytes, chain: bytes, text: bytes = TEXT, crl: bytes = b"") -> dict[str, Any]:
        found: dict[str, Any] = chromium.evaluate(
            "([token, text, chain, crl]) => tried(token, text, chain, crl)",
            [packed(token), packed(text), chain.decode(), crl.decode()],
        )
        return found

    return tried


@pytest.fixture(scope="module", params=KEYS)
def stamped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, bytes]:
    """A token and its chain."""
    authority = Authority(tmp_path_factory.mktemp("tsa") / "a", key=KEYS[request.param])
    return token_of(authority)


def token_of(authority: Authority, clock: str = "") -> tuple[bytes, bytes]:
    asked = timestamp.request(TEXT)
    answer = authority.stamp(asked, clock=clock)
    return answer, (authority.folder / "tsa.pem").read_bytes() + authority.root


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_true_stamp_holds_and_tells_its_time_and_its_authority(
    tried: Try, stamped: tuple[bytes, bytes]
) -> None:
    answer, chain = stamped
    said = tried(answer, chain)["ok"]
    known = timestamp.check(answer, TEXT, chain)
    assert said["time"] == known.at.timestamp() * 1000
    assert said["root"] == "TSA Root"
    assert tried(answer, chain, TEXT + b"x") == {"refused": "foreign"}


def signed_parts(answer: bytes) -> list[int]:
    """Where the token's content, the signed attributes and the signature lie."""
    token = tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"]
    [signer] = token["signer_infos"]
    found: list[int] = []
    for part in (
        token["encap_content_info"]["content"].contents,
        signer["signed_attrs"].dump(),
        signer["signature"].contents,
    ):
        begin = answer.index(part)
        found += range(begin, begin + len(part))
    return found


def test_every_changed_bit_of_what_is_signed_is_refused(
    tried: Try, stamped: tuple[bytes, bytes]
) -> None:
    answer, chain = stamped
    rng, places = random.Random(7), signed_parts(answer)
    for place in rng.sample(places, min(150, len(places))):
        changed = bytearray(answer)
        changed[place] ^= 1 << rng.randrange(8)
        assert "refused" in tried(bytes(changed), chain), place


def test_every_changed_bit_of_the_chain_is_refused(
    tried: Try, stamped: tuple[bytes, bytes]
) -> None:
    answer, chain = stamped
    ders = [one.public_bytes(Encoding.DER) for one in load_pem(chain)]
    rng = random.Random(8)
    for number in range(80):
        changed = [bytearray(der) for der in ders]
        one = changed[number % 2]
        one[rng.randrange(len(one))] ^= 1 << rng.randrange(8)
        pem = b"".join(
            b"-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n"
            % base64.encodebytes(bytes(der))
            for der in changed
        )
        assert "refused" in tried(answer, pem)


def test_a_signature_of_somebody_else_is_refused(
    tried: Try, stamped: tuple[bytes, bytes], tmp_path: Path
) -> None:
    answer, chain = stamped
    stranger, namesake = Authority(tmp_path / "a", name="Other"), Authority(tmp_path / "b")
    assert tried(answer, token_of(stranger)[1])["refused"] == "signer"
    assert tried(answer, token_of(namesake)[1])["refused"] == "signer"
    own = chain.index(b"-----BEGIN", 10)  # the signer's own certificate under another's root
    assert tried(answer, chain[:own] + stranger.root)["refused"] == "chain"
    assert tried(answer, chain[:own] + namesake.root)["refused"] in ("signature", "unreadable")


def test_a_certificate_that_was_not_good_then_is_refused_and_one_expired_since_is_not(
    tried: Try, tmp_path: Path
) -> None:
    late = Authority(tmp_path / "late", since=-60, until=-30)
    assert "refused" in tried(*token_of(late))
    assert tried(*token_of(late))["refused"] == "expired"
    assert "ok" in tried(*token_of(late, clock="-45d"))


def test_a_revoked_certificate_and_a_strangers_list_are_refused(tried: Try, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "a")
    answer, chain = token_of(authority)
    assert "ok" in tried(answer, chain, crl=authority.revocation_list())
    assert tried(answer, chain, crl=authority.revoke())["refused"] == "revoked"
    stranger = Authority(tmp_path / "b", name="Other").revocation_list()
    assert tried(answer, chain, crl=stranger)["refused"] == "revocations"


def test_what_is_no_token_is_refused(tried: Try, stamped: tuple[bytes, bytes]) -> None:
    answer, chain = stamped
    for data in (b"", b"hello", answer[:-1], answer + b"\0", b"\x30\x84\xff\xff\xff\xff"):
        assert tried(data, chain) == {"refused": "unreadable"}
    assert "refused" in tried(answer, b"no certificate")


def test_firefox_finds_the_same_from_a_file_on_the_disk(harness: Path, tmp_path: Path) -> None:
    answer, chain = token_of(Authority(tmp_path / "a", key=KEYS["RSA-2048"]))
    changed = answer[:-1] + bytes([answer[-1] ^ 1])
    with firefox(tmp_path / "profile") as browser:
        browser.open(harness.as_uri())
        assert browser.run("isSecureContext && Boolean(crypto.subtle)") is True
        for data, wanted in ((answer, True), (changed, False)):
            words = json.dumps([packed(data), packed(TEXT), chain.decode(), ""])
            assert browser.run(f"tried(...{words}).then((one) => 'ok' in one)") is wanted
