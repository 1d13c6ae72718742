"""The names of message types and parameters (GR-30-CORE, EN 300 659-3, SIN 227; NTT) as data."""

from __future__ import annotations

CALL = "call"
KINDS = {
    0x04: CALL,
    0x06: "message-waiting",
    0x80: CALL,
    0x82: "message-waiting",
    0x86: "advice-of-charge",
    0x89: "short-message",
}
SINGLE = (0x04, 0x06)

DATE_TIME = 0x01
NUMBER = 0x02
NUMBER_ABSENT = 0x04
NAME = 0x07
NAME_ABSENT = 0x08
CALL_TYPE = 0x11

# EN 300 659-3 clause 5.3; 0x05 and 0x06 from GR-30, 0x09 from NTT's parameter set.
NAMES = {
    DATE_TIME: "date and time",
    NUMBER: "calling line identity",
    0x03: "called line identity",
    NUMBER_ABSENT: "reason for absence of calling line identity",
    0x05: "reason for redirection",
    0x06: "call qualifier",
    NAME: "calling party name",
    NAME_ABSENT: "reason for absence of calling party name",
    0x0B: "visual indicator",
    0x0D: "message identification",
    0x0E: "last message calling line identity",
    0x0F: "complementary date and time",
    0x10: "complementary calling line identity",
    CALL_TYPE: "call type",
    0x12: "first called line identity",
    0x13: "network message system status",
    0x15: "type of forwarded call",
    0x16: "type of calling user",
    0x1A: "redirecting number",
    0x20: "charge",
    0x21: "additional charge",
    0x23: "duration of the call",
    0x30: "network provider identity",
    0x31: "carrier identity",
    0x40: "selection of terminal function",
    0x50: "display information",
    0x55: "service information",
    0xE0: "extension for network operator use",
}
NTT_NAMES = {
    NUMBER: NAMES[NUMBER],
    NUMBER_ABSENT: NAMES[NUMBER_ABSENT],
    0x09: "called line identity",
    0x21: "type of calling number",
    0x22: "type of called number",
}

# Parameters whose value is text; of all others the bytes are kept.
TEXTS = frozenset(
    {DATE_TIME, NUMBER, 0x03, NUMBER_ABSENT, 0x06, NAME, NAME_ABSENT, 0x0E, 0x0F, 0x10, 0x12}
    | {0x1A, 0x20, 0x21, 0x23, 0x30, 0x31, 0x50, 0xE0}
)
NTT_TEXTS = frozenset({NUMBER, NUMBER_ABSENT, 0x09})

# What one byte means.
CODES = {
    CALL_TYPE: {
        0x01: "voice call",
        0x02: "ring back when free",
        0x03: "calling name delivery",
        0x04: "call return",
        0x05: "alarm call",
        0x06: "download function",
        0x07: "reverse charging",
        0x10: "external call",
        0x11: "internal call",
        0x50: "monitoring call",
        0x81: "message waiting call",
    },
    0x0B: {0x00: "no message waits", 0xFF: "a message waits"},
    0x15: {
        0x00: "unknown",
        0x01: "forwarded on busy",
        0x02: "forwarded on no reply",
        0x03: "forwarded always",
        0x04: "deflected after alerting",
        0x05: "deflected at once",
        0x06: "forwarded as the mobile could not be reached",
    },
    0x16: {
        0x00: "unknown",
        0x01: "voice call",
        0x02: "text call",
        0x03: "virtual private network",
        0x04: "mobile phone",
        0x05: "mobile phone in a virtual private network",
        0x06: "fax call",
        0x07: "video call",
        0x08: "e-mail call",
        0x09: "operator",
        0x0A: "ordinary subscriber",
        0x0B: "subscriber with priority",
        0x0C: "data call",
        0x0D: "test call",
        0x0E: "telemetry call",
        0x0F: "payphone",
    },
}
MESSAGE_WAITING_CALL = 0x81

WITHHELD, UNAVAILABLE = "withheld", "unavailable"
NOT_DECODED, NOT_SENT = "not decoded", "not sent"
# P: the caller withholds it. O: it is unavailable. C (coin box), I (international), L (long
# distance) and S (service conflict) say why the network has none to give.
WHY_ABSENT = {"P": WITHHELD, **dict.fromkeys("OCILS", UNAVAILABLE)}
