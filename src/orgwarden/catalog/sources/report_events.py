"""Reports run, previewed and exported.

Source: Platform Events Developer Guide, ReportEvent.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text, Whole, first

SOURCE = stored_event(
    "report_events",
    "Reports in real time",
    "Every report that was run or exported: which, by whom and how many rows.",
    "ReportEvent",
    {
        "ColumnHeaders": "The columns, as JSON.",
        "DashboardId": "The dashboard it was run for.",
        "DashboardName": "That dashboard's name.",
        "Description": "The report's description.",
        "DisplayedFieldEntities": "The objects whose fields are shown.",
        "EventSource": "API, Classic or Lightning.",
        "ExecutionIdentifier": "Joins the parts of one run.",
        "ExportFileFormat": "CSV, Excel …",
        "Format": "Tabular, Summary, Matrix …",
        "GroupedColumnHeaders": "Columns it is grouped by, as JSON.",
        "IsScheduled": "It ran by itself.",
        "LoginHistoryId": "The sign-in it belongs to.",
        "Name": "The report's name.",
        "NumberOfColumns": "How many columns.",
        "Operation": "ReportRunFromLightning, ReportExported …",
        "OwnerId": "Whose report, or in which folder.",
        "QueriedEntities": "The objects asked for.",
        "Records": "The ids of the records it showed, as JSON.",
        "ReportId": "The report; empty before it is saved.",
        "RowsProcessed": "Rows of the report.",
        "Scope": "Which records: my, my team's, all.",
        "Sequence": "Which part of the run.",
    },
    action=first("Operation", Text("Report")),
    object=Column("QueriedEntities"),
    target=first("Name", "ReportId"),
    rows=Whole(Column("RowsProcessed")),
)
