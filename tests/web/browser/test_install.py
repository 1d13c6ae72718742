"""The page as an app on a telephone's home screen."""

import io
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.web.browser.conftest import AUDIO, FLAGS, House, told, until


def test_a_browser_offers_to_install_the_page_as_an_app(page: Page, house: House) -> None:
    """On the loopback as under a trusted certificate: both are a secure context."""
    session = page.context.new_cdp_session(page)
    assert page.evaluate("isSecureContext")
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    assert json.loads(told["data"])["display"] == "standalone"
    wrong = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in wrong} <= {"in-incognito"}  # of the test's own browser


def test_nothing_is_lacking_where_no_certificate_is_trusted(
    house: House, browser: Browser, session: Path
) -> None:
    """By the box's name over plain http: what browsers offer to secure pages only is not used."""
    flags = [*FLAGS, "--host-resolver-rules=MAP tipring.local 127.0.0.1"]
    cookies = json.loads(session.read_text())["cookies"]
    plain = browser.browser_type.launch(executable_path="/usr/bin/chromium", args=flags)
    context = plain.new_context(viewport={"width": 390, "height": 844}, locale="en")
    context.add_cookies([{**one, "domain": "tipring.local"} for one in cookies])
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(house.address.replace("127.0.0.1", "tipring.local"))
    assert not page.evaluate("isSecureContext")
    page.click(".playit[data-play] >> nth=-1")
    until(page, f"{AUDIO}.currentTime > 0.3")
    page.click("[data-do=boost]")
    page.click("nav >> text=People")
    page.wait_for_selector("text=Add a person")
    assert not page.evaluate(f"{AUDIO}.paused")
    assert page.evaluate("navigator.mediaSession.metadata.title")
    with told(house, state="ringing", number="586201142"):
        page.wait_for_selector("text=Ringing: Inkaso Plus")
    plain.close()
    assert complaints == []


def test_the_home_screen_of_an_iphone_gets_a_picture_that_it_can_show(
    page: Page, house: House
) -> None:
    address = page.get_attribute("link[rel=apple-touch-icon]", "href") or ""
    picture = Image.open(io.BytesIO(page.request.get(house.address + address).body()))
    assert picture.format == "PNG"
    assert picture.width == picture.height >= 180
    assert picture.convert("RGBA").getpixel((0, 0))[3] == 255  # it rounds the corners itself
