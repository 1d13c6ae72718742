"""Evidence of a box that encrypts its calls: it works as it does with open files, and leaves no
copy in the clear outside of memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from firmware.choices import Choices
from tests.web.conftest import PASSWORD, Page
from tests.web.test_evidence_bundles import done, handed_out


@pytest.fixture
def sealing(tmp_path: Path) -> Iterator[Page]:
    """The owner chose encryption; `run` is the folder in memory."""
    (tmp_path / "state").mkdir()
    Choices(tmp_path / "state").put("archive", {"sealed": "yes"})
    made = Page(tmp_path, sealed=True)
    made.control.start()
    made.log_in()
    yield made
    made.control.close()


def in_the_clear(page: Page) -> list[str]:
    """Files outside of memory that hold a recording or the number."""
    found = []
    for path in page.folder.rglob("*"):
        name = path.relative_to(page.folder)
        if path.is_file() and name.parts[0] != "run":
            data = path.read_bytes()
            if b"fLaC" in data or b"501502503" in data or "501502503" in name.name:
                found.append(str(name))
    return found


def test_what_is_looked_for_is_there_on_a_box_with_open_files(page: Page) -> None:
    page.call(number="501502503")
    assert in_the_clear(page)


def test_an_encrypted_call_is_green_becomes_a_bundle_and_is_erased_without_a_trace(
    sealing: Page,
) -> None:
    tone = (8000 * np.sin(np.arange(8000) / 3)).astype(np.int16)
    call = sealing.call(sound=tone, number="501502503")
    form = f"/bundle?id={call['id']}"
    answer = sealing.send("/bundle", form, id=call["id"], password=PASSWORD)
    where = done(sealing, answer)
    assert in_the_clear(sealing) == []
    assert "Unchanged since it was sealed." in sealing.get(f"/calls/{call['id']}").text
    made = handed_out(sealing, answer, sealing.folder / "run")
    assert made.read("calls/001/recording.flac").startswith(b"fLaC")
    where = "/subject/erase?number=501502503"
    fields = {"number": "501502503", "typed": "ERASE", "password": PASSWORD}
    done(sealing, sealing.send("/subject/erase", where, **fields))
    assert sealing.get(f"/calls/{call['id']}").status_code == 404
    assert in_the_clear(sealing) == []
