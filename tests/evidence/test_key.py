"""The signing key: made on the box, for its owner alone, and restored from its printed page."""

import stat
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.evidence import paper, words
from firmware.evidence.errors import Changed, KeyUnusable, WordsWrong
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.key import BoxKey, PublicKey

HEAD = Head("0" * 32, 7, bytes(32), 1_772_600_767.0)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    made = BoxKey.ensure(tmp_path / "state")
    path = tmp_path / "state/evidence-key.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert BoxKey.ensure(tmp_path / "state").public.box == made.public.box
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    BoxKey.ensure(tmp_path)
    (tmp_path / "evidence-key.pem").chmod(0o644)
    with pytest.raises(KeyUnusable, match="others may read the signing key"):
        BoxKey.ensure(tmp_path)


def test_a_damaged_key_says_how_to_put_it_back(tmp_path: Path) -> None:
    BoxKey.ensure(tmp_path)
    (tmp_path / "evidence-key.pem").write_text("garbage")
    with pytest.raises(KeyUnusable, match="restore-key"):
        BoxKey.ensure(tmp_path)


def test_every_changed_byte_of_a_public_key_is_refused_in_words(tmp_path: Path) -> None:
    pem = BoxKey.ensure(tmp_path).public.pem
    box = PublicKey(pem).box
    for place in range(len(pem)):
        for bit in (1, 4, 32):
            changed = bytearray(pem)
            changed[place] ^= bit
            try:
                assert PublicKey(bytes(changed)).box != box
            except KeyUnusable:
                continue


def test_openssl_believes_the_signature(tmp_path: Path) -> None:
    key = BoxKey.ensure(tmp_path)
    (tmp_path / "head").write_bytes(HEAD.text())
    (tmp_path / "sig").write_bytes(key.sign(HEAD.text()))
    (tmp_path / "pub").write_bytes(key.public.pem)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pub", "-rawin"]
    command += ["-in", "head", "-sigfile", "sig"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_head_of_another_box_or_another_key_is_told(tmp_path: Path) -> None:
    key, other = BoxKey.ensure(tmp_path / "a"), BoxKey.ensure(tmp_path / "b")
    head = Head(key.public.box, 7, bytes(32), 0.0)
    SignedHead.sign(head, key).check(key.public)
    with pytest.raises(Changed, match="of another box"):
        SignedHead.sign(head, key).check(other.public)
    with pytest.raises(Changed, match="not of this box's key"):
        SignedHead.sign(head, other).check(key.public)


@given(st.binary(min_size=32, max_size=32))
def test_the_printed_words_give_the_key_back(seed: bytes) -> None:
    key = BoxKey.from_seed(seed)
    assert BoxKey.from_seed(words.to_bytes(words.of_bytes(key.seed))).public.box == key.public.box


class Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.items: list[str] = []
        self.loaded: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "li"
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.items.append(data)
        self._inside = False


def test_the_pages_to_print_hold_the_words_in_two_languages_and_load_nothing(
    tmp_path: Path,
) -> None:
    key = BoxKey.ensure(tmp_path)
    for page, said in (
        (paper.key_page(key), words.of_bytes(key.seed)),
        (paper.head_page(SignedHead.sign(HEAD, key)), words.of_head(HEAD)),
    ):
        text = Text()
        text.feed(page)
        assert " ".join(text.items) == f"{said} {said}"
        assert text.loaded == []
        assert 'lang="pl"' in page
        assert 'lang="en"' in page


def test_twelve_words_name_one_head() -> None:
    said = words.of_head(HEAD)
    assert len(said.split()) == 12
    assert words.is_head(said.upper() + "\n", HEAD)
    assert not words.is_head(said, Head("0" * 32, 8, bytes(32), HEAD.at))


def test_a_misread_word_is_told() -> None:
    said = words.of_head(HEAD).split()
    with pytest.raises(WordsWrong, match="Word 3, 'kayakk', is not one"):
        words.to_bytes(" ".join([*said[:2], "kayakk", *said[3:]]))
    with pytest.raises(WordsWrong, match="do not belong together"):
        words.to_bytes(" ".join(said[:-1]))
