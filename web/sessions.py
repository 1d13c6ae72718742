"""Who is logged in stays so for thirty days, whatever the clocks of the phone and the box say."""

from __future__ import annotations

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class LastingSessions(SecureCookieSessionInterface):
    """Cookies whose age the browser counts itself (RFC 6265, 5.2.2: Max-Age goes before Expires).

    Flask sends the hour at which a cookie ends. By that alone a telephone whose clock is a month
    fast, or any telephone where the box's clock is slow, would be logged out at once.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        super().save_session(app, session, response)
        if not session.permanent:
            return
        own = f"{self.get_cookie_name(app)}="
        age = f"; Max-Age={int(app.permanent_session_lifetime.total_seconds())}"
        cookies = response.headers.getlist("Set-Cookie")
        response.headers.setlist(
            "Set-Cookie", [one + age if one.startswith(own) else one for one in cookies]
        )
