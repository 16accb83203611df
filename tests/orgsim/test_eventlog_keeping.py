"""How long log files are kept: to a night after 30 days with Event Monitoring, else 24 hours."""

from __future__ import annotations

from orgsim.world import live
from tests.orgsim.test_eventlog_files import body
from tests.orgsim.worlds import DAY, NOW, make, rows


def test_with_event_monitoring_a_file_goes_in_the_night_after_thirty_days() -> None:
    """The daily file of the day 31 days back was made 30 days back: it is there all day long."""
    today = NOW // DAY
    org = make(users=30, event_monitoring="licensed", speed=0)
    assert org.log_files is not None

    def listed(day: int) -> set[str]:
        return {
            f["EventType"]
            for f in rows(org, "EventLogFile")
            if f["LogDate"] == day * DAY and f["Interval"] == "Daily"
        }

    assert {"Login", "RestApi", "ApiTotalUsage"} <= listed(today - 31)
    old = next(f for f in rows(org, "EventLogFile") if f["LogDate"] == (today - 31) * DAY)
    assert body(org, old["Id"])
    org.clock.set((today + 1) * DAY - 1)
    live(org, NOW, org.clock.now())
    assert listed(today - 31)
    org.clock.set((today + 1) * DAY)
    live(org, NOW, org.clock.now())
    assert not listed(today - 31)
    assert listed(today - 30)
    assert org.log_files.open_body(old["Id"]) is None


def test_without_event_monitoring_a_file_goes_after_24_hours() -> None:
    org = make(users=30, days=3, speed=0)
    created = org.log_files.kept_until(NOW) - DAY if org.log_files else 0
    assert created == NOW
    newest = max(f["CreatedDate"] for f in rows(org, "EventLogFile"))
    for moment, there in ((newest + DAY - 1, True), (newest + DAY, False)):
        org.clock.set(moment)
        live(org, NOW, moment)
        assert bool(rows(org, "EventLogFile")) is there
