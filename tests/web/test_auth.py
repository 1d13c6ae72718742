"""Nothing is heard without the password, and only the owner sets it."""

from pathlib import Path

import pytest

from tests.web.conftest import PASSWORD, Page
from web.auth import SetupCode
from web.guard import FIRST_RUN, OPEN, own_name
from web.users import Users


def test_every_page_but_the_doors_is_refused_without_the_password(fresh: Page) -> None:
    call = fresh.call()
    checked = 0
    for rule in fresh.app.url_map.iter_rules():
        if rule.endpoint in OPEN | FIRST_RUN:
            continue
        path = rule.rule.replace("<call_id>", call["id"])
        for method in (rule.methods or set()) - {"OPTIONS"}:
            fresh.app.config["WTF_CSRF_ENABLED"] = False
            answer = fresh.client.open(path, method=method)
            door = answer.status_code == 302 and answer.location in ("/setup", "/login")
            assert door or answer.status_code == 401, (path, method, answer.status_code)
            assert "22 123" not in answer.text
            assert call["id"] not in answer.get_data(as_text=True)
            checked += 1
    assert checked >= 100


def test_the_first_run_wants_the_code_and_then_lets_the_owner_in(fresh: Page) -> None:
    assert fresh.get("/").location == "/setup"
    code = SetupCode.ensure(fresh.folder / "state") or ""
    wrong = fresh.send("/setup", code="WRONGCOD", password=PASSWORD, again=PASSWORD)
    assert wrong.status_code == 400
    assert b"not the code" in wrong.data
    right = fresh.send("/setup", code=f" {code.lower()} ", password=PASSWORD, again=PASSWORD)
    assert right.location == "/start"
    assert fresh.get("/").status_code == 200
    assert not (fresh.folder / "state/setup-code").exists()
    assert fresh.get("/setup").location == "/login"


def test_the_language_that_is_chosen_at_the_door_stays(fresh: Page) -> None:
    english = {"headers": {"Accept-Language": "en"}}
    assert "Welcome to Tipring" in fresh.get("/setup", **english).text
    fresh.send("/language", form="/setup", language="pl")
    assert "Witaj w Tipring" in fresh.get("/setup", **english).text
    fresh.log_in()
    assert "Nie ma jeszcze rozmów" in fresh.get("/", **english).text
    fresh.send("/logout", form="/")
    assert fresh.send("/language", form="/login", language="<b>").status_code == 302
    assert "Log in" in fresh.get("/login", **english).text


def test_a_press_of_the_flag_button_proves_ownership_only_when_asked_for(fresh: Page) -> None:
    fresh.state["flag_pressed_ago_s"] = 30.0
    assert fresh.send("/setup", password=PASSWORD, again=PASSWORD).status_code == 400
    fresh.state["flag_pressed_ago_s"] = -0.5
    assert fresh.send("/setup", password=PASSWORD, again=PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("short", "short", b"it had 5"), ("a" * 12, "b" * 12, b"differ")],
)
def test_a_password_that_will_not_do_is_explained(
    fresh: Page, password: str, again: str, said: bytes
) -> None:
    code = SetupCode.ensure(fresh.folder / "state") or ""
    answer = fresh.send("/setup", code=code, password=password, again=again)
    assert answer.status_code == 400
    assert said in answer.data


def test_log_out_and_log_in(page: Page) -> None:
    assert page.send("/logout", form="/").location == "/login"
    assert page.get("/").location == "/login"
    assert page.send("/login", password="wrong password").status_code == 403
    assert page.send("/login", password=PASSWORD).location == "/"


def test_guessing_is_slowed_down(page: Page) -> None:
    page.send("/logout", form="/")
    answers = [page.send("/login", password="guess").status_code for _ in range(8)]
    assert answers[0] == 403
    assert answers[-1] == 429


def test_a_form_without_its_token_does_nothing(page: Page) -> None:
    call = page.call()
    assert page.client.post(f"/calls/{call['id']}/flag", data={"on": "1"}).status_code == 400
    assert not page.archive.get(call["id"]).get("flagged")


def test_no_form_of_the_page_does_anything_without_its_token(page: Page) -> None:
    call = page.call()
    forms = [one for one in page.app.url_map.iter_rules() if "POST" in (one.methods or set())]
    pages = [one.rule for one in forms if not one.rule.startswith("/api/")]
    assert len(pages) > 30
    for path in pages:
        answer = page.client.post(path.replace("<call_id>", call["id"]), data={"id": call["id"]})
        assert answer.status_code == 400, path
        assert "did not come from this page" in answer.text
    assert page.get("/").status_code == 200  # nor was anyone logged out


def test_secrets_are_the_owners_alone(page: Page) -> None:
    secrets = [path for path in Path(page.folder / "state").iterdir() if path.is_file()]
    assert {path.name for path in secrets} == {"password", "session-key"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    assert (page.folder / "state/password").read_text().startswith("$argon2id$")


@pytest.mark.parametrize("host", ["localhost:8080", "192.168.1.7", "[::1]:8080", "tipring.local"])
def test_the_boxs_own_names_and_addresses_are_answered(host: str) -> None:
    assert own_name(host)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.com", ""])
def test_a_rebound_name_is_refused(page: Page, host: str) -> None:
    assert not own_name(host)
    if host:
        assert page.get("/", headers={"Host": host}).status_code == 400


def test_a_name_that_the_owner_gave_the_box_is_answered() -> None:
    assert own_name("Tipring.lan:8080", frozenset({"tipring.lan"}))
    assert not own_name("tipring.lan:8080")


def test_another_password_ends_the_sessions_of_the_old_one(page: Page) -> None:
    assert page.get("/").status_code == 200
    Users(page.folder / "state").set_owner("another password")
    assert page.get("/").location == "/login"


def test_a_clock_that_was_set_back_does_not_lock_the_button_out(fresh: Page) -> None:
    fresh.get("/setup")
    with fresh.client.session_transaction() as session:
        session["asked"] = session["asked"] + 1e6
    fresh.state["flag_pressed_ago_s"] = -0.5
    assert fresh.send("/setup", password=PASSWORD, again=PASSWORD).status_code == 302


def test_a_healthy_page_says_so_to_anyone_and_nothing_else(fresh: Page) -> None:
    fresh.call()
    assert fresh.get("/healthz").text == "ok\n"


def test_every_answer_forbids_what_the_page_does_not_need(page: Page) -> None:
    headers = page.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]
    assert page.get("/static/style.css").headers["X-Content-Type-Options"] == "nosniff"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(page: Page) -> None:
    page.send("/logout", form="/")
    cookie = page.send("/login", password=PASSWORD).headers["Set-Cookie"]
    assert "Max-Age=2592000" in cookie  # counted by the phone, whatever its clock or ours says
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
