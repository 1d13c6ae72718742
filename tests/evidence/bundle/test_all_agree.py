"""The script and the page find what `tipring verify` finds: changes of every kind."""

import random
import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from firmware.evidence.bundle.verify import verify
from firmware.evidence.errors import Changed
from firmware.evidence.key import BoxKey
from scripts.tamper import bundle as changes
from tests.evidence.bundle.conftest import Office

EACH = 2


@pytest.fixture
def target(settled: Office, bundle: Path, tmp_path: Path) -> changes.Target:
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    thief = BoxKey.ensure(tmp_path / "thief")
    return changes.Target(bundle.read_bytes(), files, settled.log.key, thief)


def changed_zips(target: changes.Target) -> list[tuple[str, bytes]]:
    """Changes of every kind; those signed by a thief are told by the fingerprint alone."""
    made = []
    for change in changes.CHANGES:
        for number in range(EACH):
            raw = change(target, random.Random(f"{change.__name__} {number}"))
            if raw != target.raw:
                made.append((f"{change.__name__} {number}", raw))
    return made


def test_the_script_finds_what_the_command_finds(target: changes.Target, tmp_path: Path) -> None:
    tried = 0
    for name, raw in changed_zips(target):
        path = tmp_path / "c.zip"
        path.write_bytes(raw)
        folder = tmp_path / name.replace(" ", "-")
        try:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)
            files = {
                one.relative_to(folder).as_posix(): one.read_bytes()
                for one in folder.rglob("*")
                if one.is_file()
            }
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            continue  # no program unpacks it
        if files == target.files:
            continue  # the change is of the zip's own bytes, which nobody sees who unpacked it
        script = tmp_path / "verify.sh"  # the reader's own copy: a changed one proves nothing
        script.write_bytes(target.files["verify.sh"])
        done = subprocess.run(
            ["dash", "-c", f'cd "{folder}" && cp "{script}" verify.sh && exec dash verify.sh']
            if files.get("verify.sh") != target.files["verify.sh"]
            else ["dash", "verify.sh"],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        forged = done.returncode == 0 and target.key.public.box not in done.stdout
        assert done.returncode == 1 or (forged and name.startswith("replace_key")), name
        tried += 1
    assert tried > 18


def test_the_page_finds_what_the_command_finds(
    target: changes.Target, unpacked: Path, tmp_path: Path
) -> None:
    path = tmp_path / "c.zip"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(locale="en-GB", offline=True).new_page()
        page.goto((unpacked / "verify.html").as_uri())
        page.wait_for_selector("#verdict.good")
        for name, raw in changed_zips(target):
            path.write_bytes(raw)
            with pytest.raises(Changed):
                verify(path, box=target.key.public.box)
            page.set_input_files("#pick", path)
            page.wait_for_selector("#verdict.bad, #verdict.good")
            page.wait_for_timeout(150)
            said = page.inner_text("#verdict") + page.inner_text("#picked")
            told = "CHANGED" in said or "NOT a file of this bundle" in said
            forged = name.startswith("replace_key") and target.key.public.box not in said
            assert told or forged, (name, said)
            path.write_bytes(target.raw)
            page.set_input_files("#pick", path)
            page.wait_for_selector("#verdict.good")
        browser.close()
