"""The page as an app on a telephone's home screen."""

import io
import json

from PIL import Image
from playwright.sync_api import Page

from tests.web.browser.conftest import House


def test_a_browser_offers_to_install_the_page_as_an_app(page: Page, house: House) -> None:
    """On the loopback as under a trusted certificate: both are a secure context."""
    session = page.context.new_cdp_session(page)
    assert page.evaluate("isSecureContext")
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    assert json.loads(told["data"])["display"] == "standalone"
    wrong = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in wrong} <= {"in-incognito"}  # of the test's own browser


def test_the_home_screen_of_an_iphone_gets_a_picture_that_it_can_show(
    page: Page, house: House
) -> None:
    address = page.get_attribute("link[rel=apple-touch-icon]", "href") or ""
    picture = Image.open(io.BytesIO(page.request.get(house.address + address).body()))
    assert picture.format == "PNG"
    assert picture.width == picture.height >= 180
    assert picture.convert("RGBA").getpixel((0, 0))[3] == 255  # it rounds the corners itself
