"""Audio makes room only when its owner was told for two weeks, or when calls would be lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from firmware.archive.notice import NOTICE_DAYS, Notice
from firmware.archive.retention import Rules

NOW = datetime(2026, 5, 6, tzinfo=UTC)
RULES = Rules(days=30, free_mb=500)


def test_for_space_alone_nothing_goes_before_the_notice_is_over(tmp_path: Path) -> None:
    notice = Notice(tmp_path)
    assert notice.over(RULES, NOW) == Rules(days=30, free_mb=125)
    notice.told(True, NOW)
    later = NOW + timedelta(days=NOTICE_DAYS)
    notice.told(True, later - timedelta(hours=1))
    assert Notice(tmp_path).over(RULES, later - timedelta(hours=1)).free_mb == 125
    assert Notice(tmp_path).over(RULES, later) == RULES


def test_a_warning_that_was_over_begins_anew(tmp_path: Path) -> None:
    notice = Notice(tmp_path)
    notice.told(True, NOW)
    notice.told(False, NOW + timedelta(days=1))
    notice.told(True, NOW + timedelta(days=2))
    assert notice.over(RULES, NOW + timedelta(days=NOTICE_DAYS)).free_mb == 125
    assert notice.over(RULES, NOW + timedelta(days=NOTICE_DAYS + 2)) == RULES


def test_a_clock_that_was_wrong_shortens_no_notice(tmp_path: Path) -> None:
    notice = Notice(tmp_path)
    notice.told(True, NOW + timedelta(days=400))
    assert notice.over(RULES, NOW).free_mb == 125
    notice.told(True, NOW)
    assert notice.over(RULES, NOW + timedelta(days=NOTICE_DAYS)) == RULES
    (tmp_path / "notice.json").write_text("[")
    assert notice.over(RULES, NOW).free_mb == 125
