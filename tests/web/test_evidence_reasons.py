"""A clerk reads why a bundle was refused: each reason of the verifier has a kind of its own."""

import re
from pathlib import Path

import pytest

from web.evidence_reasons import REASONS

SAID = {
    "a.txt is packed: 10 bytes would become 999. Nothing in a bundle is packed": 0,
    "'../x' would be put outside the folder it is unpacked in.": 0,
    "'/etc/x' would be put at a fixed place of your disk.": 0,
    "'x' is a link to another place instead of a file.": 0,
    "The ZIP says that it holds 3 files of 9999 bytes in all. No bundle is so large; it may be made"
    " to fill the disk. It was not unpacked.": 0,
    "This cannot be opened as a ZIP file: it is damaged, or it is no bundle.": 1,
    "verify.sh is missing.": 1,
    "This bundle was signed by another box: its key's fingerprint is 1, and yours is 2.": 2,
    "The signature of SHA256SUMS is not of this key: the list or the key was replaced.": 2,
    "Entry 3 is from the log of another box (abc).": 2,
    "The certificate of the time-stamp was revoked.": 3,
    "The bundle says it was made on 2060-01-01, which is in the future by this clock.": 4,
    "The time-stamp is over another text than this log's summary.": 5,
    "The recording in calls/001 is not the one that belongs to its record: it was swapped.": 6,
    "The list of what happened to the call in calls/001 is not complete.": 7,
    "calls/001/recording.flac was changed.": 8,
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_each_reason_is_of_its_kind(said: str) -> None:
    assert next(n for n, (form, _) in enumerate(REASONS) if re.search(form, said)) == SAID[said]


def test_no_reason_of_the_verifier_is_without_a_kind() -> None:
    source = Path(__file__).parents[2] / "firmware/evidence"
    texts = []
    of_the_bundle = ("verify", "manifest", "calls", "stamps", "container")
    for path in (*(f"bundle/{name}" for name in of_the_bundle), "timestamp", "certificates"):
        code = (source / f"{path}.py").read_text()
        for raised in re.findall(
            r"raise (?:Changed|StampRefused)\((.*?)\n?\s*\)(?: from| *\n)", code, re.S
        ):
            texts.append("".join(re.findall(r'f?"((?:[^"\\]|\\.)*)"', raised)))
    assert len(texts) > 30
    kinds = [form for form, _ in REASONS]
    without = [one for one in texts if one and not any(re.search(form, one) for form in kinds)]
    assert without == []
