"""List views opened, with the records they showed.

Source: Platform Events Developer Guide, ListViewEvent.
"""

from datetime import timedelta

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Whole, first

SOURCE = stored_event(
    "list_view_events",
    "List views in real time",
    "Every list view that was opened: which, by whom and how many records it showed.",
    "ListViewEvent",
    {
        "AppName": "The app it was opened in.",
        "ColumnHeaders": "The columns, as JSON.",
        "DeveloperName": "The list view's API name.",
        "EventSource": "API, Classic or Lightning.",
        "ExecutionIdentifier": "Joins the parts of one showing.",
        "FilterCriteria": "Its filters, as JSON.",
        "ListViewId": "The list view.",
        "LoginHistoryId": "The sign-in it belongs to.",
        "Name": "The list view's name.",
        "NumberOfColumns": "How many columns.",
        "OrderBy": "What it is sorted by.",
        "OwnerId": "Whose list view.",
        "QueriedEntities": "The object.",
        "Records": "The ids of the records it showed, as JSON.",
        "RowsProcessed": "Records it showed.",
        "Scope": "Which records.",
        "Sequence": "Which part of the showing.",
    },
    cadence=timedelta(hours=6),
    app=Column("AppName"),
    object=Column("QueriedEntities"),
    target=first("Name", "ListViewId"),
    rows=Whole(Column("RowsProcessed")),
)
