"""Reports run in an unusual way.

Source: Platform Events Developer Guide, ReportAnomalyEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Text, first

SOURCE = stored_event(
    "report_anomaly_events",
    "Unusual reports found",
    "Reports that were run or exported unlike the user's own habit.",
    "ReportAnomalyEventStore",
    {
        "ReportAnomalyEventNumber": "Number of the finding.",
        "Score": "How sure Salesforce is, 0 to 1.",
        "Summary": "What was found, in words.",
        "SecurityEventData": "What the finding rests on, as JSON.",
        "Report": "The report.",
    },
    big=False,
    object=Text("Report"),
    target=first("Report", "Summary"),
)
