"""Everything the page does can be done through the API: each address of the page has its operation.

A new page that is named neither here nor in the API fails this test.
"""

from typing import Any

from tests.web.conftest import Page

# What belongs to a browser: its session, its files, a form that asks again before the deed.
OF_A_BROWSER = {
    "static": "the browser's files",
    "health": "open to all",
    "auth.login": "a token is sent with each request",
    "auth.log_in": "a token is sent with each request",
    "auth.logout": "DELETE /tokens/{token_id}",
    "auth.setup": "whoever stands at the box sets the first password",
    "auth.set_up": "whoever stands at the box sets the first password",
    "auth.language": "Accept-Language is sent with each request",
    "live.ask_private": "asks before the deed",
    "more.ask_export": "asks before the deed",
    "stop.ask": "asks before the deed",
    "cases.choose": "asks before the deed",
    "cases.ask_close": "asks before the deed",
    "bundles.ask": "asks before the deed",
    "subject.ask_erase": "asks before the deed",
    "proof.ask_key": "asks before the deed",
    "proof.ask_words": "asks before the deed",
    "proof.ask_verify": "asks before the deed",
    "people.new": "an empty form",
}
OPERATIONS = {
    "calls.index": ("GET /calls", "GET /callers/{number}"),
    "calls.call": ("GET /calls/{call_id}", "GET /calls/{call_id}/record"),
    "calls.flag": ("PATCH /calls/{call_id}",),
    "calls.hold": ("PATCH /calls/{call_id}",),
    "calls.note": ("PATCH /calls/{call_id}",),
    "audio.flac": ("GET /calls/{call_id}/audio.flac",),
    "audio.mp3": ("GET /calls/{call_id}/audio.mp3",),
    "audio.player": ("GET /calls/{call_id}/sound", "GET /calls/{call_id}/waveform"),
    "bulk.many": ("POST /many/mark", "POST /many/zip"),
    "bulk.delete": ("POST /many/delete", "DELETE /calls/{call_id}"),
    "household.mine": ("PUT /calls/{call_id}/claim", "DELETE /calls/{call_id}/claim"),
    "household.index": ("GET /users",),
    "household.save": ("POST /users",),
    "household.remove": ("DELETE /users/{user_id}",),
    "household.password": ("PUT /password",),
    "household.change": ("PUT /password",),
    "household.list_tokens": ("GET /tokens",),
    "household.make_token": ("POST /tokens",),
    "household.revoke": ("DELETE /tokens/{token_id}",),
    "people.index": ("GET /people",),
    "people.edit": ("GET /people/{person_id}",),
    "people.save": ("POST /people", "PUT /people/{person_id}"),
    "people.remove": ("DELETE /people/{person_id}",),
    "people.take": ("POST /people.vcf",),
    "people.export": ("GET /people.vcf",),
    "live.state": ("GET /line",),
    "live.events": ("GET /line/events",),
    "live.listen": ("GET /line/audio.wav",),
    "live.flag": ("POST /line/flag",),
    "live.private": ("POST /line/private",),
    "live.announce": ("POST /line/announce",),
    "start.monitor": ("GET /line/monitor", "GET /line/events"),
    "start.index": ("GET /start",),
    "start.files": ("GET /keeping", "PUT /keeping"),
    "wizard.index": ("GET /line/wizard",),
    "wizard.go": ("POST /line/wizard",),
    "consent.index": ("GET /consent",),
    "consent.save": ("PATCH /consent",),
    "consent.upload": ("PUT /consent/announcement.wav",),
    "consent.listen": ("GET /consent/announcement.wav",),
    "retention.index": ("GET /retention", "GET /box"),
    "retention.see": ("GET /retention/plan",),
    "retention.save": ("PUT /retention",),
    "alarms.index": ("GET /alarms",),
    "alarms.save": ("PATCH /alarms",),
    "about.index": ("GET /box",),
    "log.index": ("GET /log",),
    "more.settings": ("GET /settings",),
    "more.save": ("PATCH /settings",),
    "more.authority": ("GET /ca.crt",),
    "more.export": ("GET /export",),
    "proof.index": ("GET /evidence/head",),
    "proof.head": ("GET /evidence/head.html",),
    "proof.key": ("POST /evidence/key.html",),
    "proof.look_up_words": ("POST /evidence/words",),
    "proof.verify": ("POST /evidence/verify",),
    "bundles.check": ("POST /evidence/check",),
    "proof.seal": ("GET /calls/{call_id}/seal", "GET /calls/{call_id}/history"),
    "bundles.make": ("POST /bundles",),
    "bundles.work": ("GET /works/{work_id}",),
    "bundles.state": ("GET /works/{work_id}",),
    "bundles.download": ("GET /works/{work_id}/file",),
    "cases.index": ("GET /cases",),
    "cases.new": ("POST /cases",),
    "cases.case": ("GET /cases/{case_id}",),
    "cases.put": ("PATCH /cases/{case_id}",),
    "cases.take": ("PATCH /cases/{case_id}",),
    "cases.note": ("PATCH /cases/{case_id}",),
    "cases.unnote": ("PATCH /cases/{case_id}",),
    "cases.rename": ("PATCH /cases/{case_id}",),
    "cases.close": ("DELETE /cases/{case_id}",),
    "cases.bundle": ("POST /bundles",),
    "stop.index": ("GET /stops",),
    "stop.caller": ("GET /stops",),
    "stop.mark": ("PUT /calls/{call_id}/stop", "DELETE /calls/{call_id}/stop"),
    "stop.letter": ("POST /stops/letter",),
    "subject.index": ("GET /callers/{number}",),
    "subject.export": ("POST /subject/export",),
    "subject.erase": ("POST /subject/erase",),
}


def _operations(document: dict[str, Any]) -> set[str]:
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in document["paths"].items()
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    }


def test_each_address_of_the_page_has_its_operation(page: Page) -> None:
    rules = page.app.url_map.iter_rules()
    of_the_page = {one.endpoint for one in rules if not one.rule.startswith("/api/")}
    assert of_the_page == OF_A_BROWSER.keys() | OPERATIONS.keys()
    assert not OF_A_BROWSER.keys() & OPERATIONS.keys()


def test_each_operation_stands_in_the_document_and_says_what_its_token_needs(page: Page) -> None:
    from web.tokens import SCOPES, Tokens

    _, secret = Tokens(page.folder / "state/tokens.json").make("test", ("read",))
    headers = {"Authorization": f"Bearer {secret}"}
    document = page.app.test_client().get("/api/v1/openapi.json", headers=headers).json
    known = _operations(document)
    assert {one for ways in OPERATIONS.values() for one in ways} <= known
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            if method != "parameters":
                assert said["security"] == [{"token": []}], path
                assert any(f"scope `{one}`" in said["description"] for one in SCOPES), path
