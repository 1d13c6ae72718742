"""The API does what its OpenAPI document says, whatever it is sent."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.conftest import Page, Program


@schemathesis.serializer("text/vcard", "audio/wav")
def as_it_is(_context: Any, value: Any) -> bytes:
    """A file is sent as its bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


def test_the_api_keeps_to_its_document(page: Page, program: Program) -> None:
    for one in range(3):
        page.call(number=f"22123456{one}")
    page.app.config["RATELIMIT_ENABLED"] = False
    page.answers["listen"] = {"ok": False, "error": "no call"}
    document = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", page.app, headers=program.headers
    )
    checked = set()

    for result in document.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/line/events"):
            continue
        checked.add((operation.method, operation.path))

        @settings(
            max_examples=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(case=operation.as_strategy())
        def keeps(case: Any) -> None:
            case.call_and_validate(
                headers={**program.headers, "Accept-Encoding": "identity"},
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    response_schema_conformance,
                ],
            )

        keeps()
    # The stream of events does not end: `test_api_line.py` follows it.
    assert len(checked) >= 75
