"""Users and tokens are changed only with the password; a call can be one person's own."""

import html
import re

import pytest

from firmware.archive.people import People, Person
from tests.web.conftest import PASSWORD, Page
from web.tokens import Tokens
from web.users import Users


def add(page: Page, name: str, role: str = "listener", pin: str = "246810", **more: str) -> int:
    fields = {"name": name, "role": role, "pin": pin, **more}
    return int(page.send("/users", password=PASSWORD, **fields).status_code)


def enter(page: Page, name: str, pin: str) -> int:
    page.send("/logout", form="/password")
    return int(page.send("/login", name=name, password=pin).status_code)


def test_a_user_comes_in_with_his_name_and_pin(page: Page) -> None:
    assert add(page, "Łucja") == 302
    assert enter(page, "Łucja", "000000") == 403
    assert enter(page, " lucja ", "246810") == 302
    assert page.get("/").status_code == 200
    assert page.get("/settings").status_code == 403
    assert "246810" not in (page.folder / "state/users.json").read_text()
    assert "$argon2id$" in (page.folder / "state/users.json").read_text()


def test_users_are_changed_only_with_the_password(page: Page) -> None:
    fields = {"name": "Ewa", "role": "listener", "pin": "246810"}
    assert page.send("/users", **fields).status_code == 403
    assert page.send("/users", password="guess guess", **fields).status_code == 403
    assert Users(page.folder / "state").others() == []
    assert add(page, "Ewa", role="owner") == 400
    assert add(page, "Ewa", pin="1") == 400


def test_a_removed_user_is_out_and_the_owner_cannot_be_removed(page: Page) -> None:
    add(page, "Ewa")
    [ewa] = Users(page.folder / "state").others()
    with page.client.session_transaction() as session:
        session["proved"] = 0.0  # the password was typed long ago
    assert page.send("/users/remove", form="/password", id=ewa.id).status_code == 403
    assert Users(page.folder / "state").others() == [ewa]
    page.send("/users/remove", form="/users", id=ewa.id, password=PASSWORD)
    page.send("/users/remove", form="/users", id="owner", password=PASSWORD)
    assert Users(page.folder / "state").others() == []
    assert page.get("/").status_code == 200


def test_one_changes_ones_own_password_and_stays_in(page: Page) -> None:
    new = "another good password"
    wrong = page.send("/password", password="guess", new=new, again=new)
    assert wrong.status_code == 400
    assert page.send("/password", password=PASSWORD, new=new, again=new).status_code == 302
    assert page.get("/").status_code == 200
    assert enter(page, "", PASSWORD) == 403
    assert enter(page, "", new) == 302


@pytest.mark.parametrize("role", ["listener", "auditor"])
def test_everyone_finds_his_own_password_and_the_way_out(page: Page, role: str) -> None:
    add(page, "Ewa", role=role)
    enter(page, "Ewa", "246810")
    assert 'href="/password"' in page.get("/").text
    assert 'aria-current="page"' in page.get("/password").text
    new = "975310"
    assert page.send("/password", password="246810", new=new, again=new).status_code == 302
    assert 'action="/logout"' in page.get("/password").text
    assert page.send("/logout", form="/password").location == "/login"
    assert enter(page, "Ewa", new) == 302


@pytest.mark.parametrize(
    ("role", "offered"), [("owner", True), ("listener", True), ("auditor", False)]
)
def test_nobody_is_offered_what_he_may_not_do(page: Page, role: str, offered: bool) -> None:
    call = page.call()
    page.state |= {"state": "incall", "recording": True, "since_s": 12.0, "announce": "ready"}
    if role != "owner":
        add(page, "Ewa", role=role)
        enter(page, "Ewa", "246810")
    for path in ("/", f"/calls/{call['id']}", "/?select=1"):
        text = page.get(path).text
        for may in ("data-listen", 'action="/live/flag"', "/live/announce", "/live/private"):
            assert (may in text) == offered, (path, may)
        for owners in ("select=1", "/calls/many", "/people", "/settings"):
            assert role == "owner" or owners not in text, (path, owners)
        for there in re.findall(r'(?:href|data-play)="(/[^"#]*)', text):
            if "/live/" not in there:  # a stream does not end
                assert page.get(html.unescape(there)).status_code == 200, there


def test_a_call_that_is_only_for_one_is_not_there_for_the_others(page: Page) -> None:
    add(page, "Ewa")
    add(page, "Jan", pin="135791")
    call = page.call()
    enter(page, "Ewa", "246810")
    path = f"/calls/{call['id']}"
    page.send(f"{path}/mine", form=path, on="1")
    assert page.get(path).status_code == 200
    enter(page, "Jan", "135791")
    assert page.get(path).status_code == 404
    assert page.get(f"{path}/player").status_code == 404
    assert "22 123 45 67" not in page.get("/").text
    enter(page, "", PASSWORD)
    assert page.get(path).status_code == 200


def test_what_is_anothers_own_is_neither_counted_nor_played_next(page: Page) -> None:
    add(page, "Jan", pin="135791")
    calls = [page.call(answered=one != 2, outcome="missed" if one == 2 else "answered")
             for one in range(4)]  # fmt: skip
    for one in (1, 2):
        page.archive.claim(calls[one]["id"], "ewa")
    enter(page, "Jan", "135791")
    assert "2 calls · 2 came in</p>" in page.get("/?number=221234567").text
    assert "2 calls</a>." in page.get(f"/calls/{calls[0]['id']}").text
    told = page.get(f"/calls/{calls[0]['id']}/player").json
    assert told["next"] == f"/calls/{calls[3]['id']}/player"  # past the hidden one
    page.archive.claim(calls[3]["id"], "ewa")
    assert page.get(f"/calls/{calls[0]['id']}/player").json["next"] is None
    enter(page, "", PASSWORD)
    assert "4 calls · 4 came in · 1 missed</p>" in page.get("/?number=221234567").text


def test_a_token_is_shown_once_and_can_be_revoked(page: Page) -> None:
    answer = page.send("/tokens", name="backup", scope="read", password=PASSWORD)
    secret = re.search(r"tipring_[\w-]{40,}", answer.text)
    assert secret
    assert secret[0] not in page.get("/tokens").text
    assert secret[0] not in (page.folder / "state/tokens.json").read_text()
    ask = {"Authorization": f"Bearer {secret[0]}"}
    assert page.get("/api/v1/line", headers=ask).status_code == 200
    [token] = Tokens(page.folder / "state/tokens.json").all()
    page.send("/tokens/revoke", form="/tokens", id=token.id)
    assert page.get("/api/v1/line", headers=ask).status_code == 401


def test_a_token_wants_the_password_a_name_and_a_scope(page: Page) -> None:
    assert page.send("/tokens", name="x", scope="read").status_code == 403
    assert page.send("/tokens", name="", scope="read", password=PASSWORD).status_code == 400
    assert page.send("/tokens", name="x", scope="all").status_code == 400
    assert Tokens(page.folder / "state/tokens.json").all() == []


def test_all_calls_are_exported_only_with_the_password(page: Page) -> None:
    page.call()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/export").text)
    assert token
    fields = {"csrf_token": token[1], "form": "json"}
    assert page.client.post("/export", data=fields).status_code == 403
    answer = page.client.post("/export", data={**fields, "password": PASSWORD})
    assert answer.json[0]["number"] == "221234567"
    assert "exported" in [row["what"] for row in page.access_log()]


def test_the_first_steps_turn_green_by_what_the_box_saw(page: Page) -> None:
    assert page.get("/start").text.count('<li class="done"') == 1  # the line is quiet
    page.call(direction="outgoing", dialled="226", number="226", duration_s=5.0)
    assert "Dialled 226, recorded 0:05." in page.get("/start").text
    page.call(rings=2, caller_ids=[{"standard": "V.23"}])
    told = page.get("/start").text
    assert "It rang 2 times; the number 22 123 45 67 came (V.23)." in told
    assert told.count('<li class="done"') == 3
    page.archive.heard(page.archive.calls()[0]["id"])
    assert page.get("/start").text.count('<li class="done"') == 4
    page.state["alarms"] = {"line-cut": "cut"}
    assert "it comes first" in page.get("/start").text


def test_a_listener_of_few_is_told_of_no_other_running_call_and_has_no_hand_in_it(
    page: Page,
) -> None:
    people = People(page.folder / "calls/people.json")
    people.put(Person("", "Mama", ("501502503",)))
    people.put(Person("", "Adwokat", ("221234567",)))
    page.state |= {"state": "incall", "recording": True, "since_s": 12.0, "number": "221234567"}
    page.answers["listen"] = {"ok": True, "rate": 8000}
    add(page, "Ewa", person=people.of("501502503").id)  # type: ignore[union-attr]
    enter(page, "Ewa", "246810")
    told = [page.get("/").text, page.get("/live/state").text]
    stream = page.client.get("/live/events", buffered=False)
    told.append(next(iter(stream.response)).decode())
    stream.close()
    for text in told:
        assert "In a call" in text
        assert "Adwokat" not in text
        assert "123 45 67" not in text
    assert page.get("/live/audio.wav").status_code == 409
    for path in ("flag", "announce", "private"):
        page.send(f"/live/{path}", form="/password", since="12.0")
        assert re.search("Not done: No call is running|Nothing was erased", page.get("/").text)
    assert {one["do"] for one in page.asked} <= {"state"}
    page.state |= {"number": "+48 501 502 503"}
    assert "In a call: Mama" in page.get("/").text
    page.send("/live/flag", form="/")
    assert {"do": "flag"} in page.asked
