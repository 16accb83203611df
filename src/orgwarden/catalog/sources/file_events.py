"""Files seen, downloaded and uploaded.

Source: Platform Events Developer Guide, FileEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text, Whole, first

SOURCE = stored_event(
    "file_events",
    "Files in real time",
    "Every file that was previewed, downloaded or uploaded: which, by whom and how large.",
    "FileEventStore",
    {
        "CanDownloadPdf": "It could be downloaded as PDF.",
        "ContentSize": "Its size in bytes.",
        "DocumentId": "The file.",
        "DocumentType": "ContentVersion …",
        "FileAction": "PREVIEW, UI_DOWNLOAD, API_DOWNLOAD, UPLOAD …",
        "FileName": "Its name.",
        "FileSource": "Where it is kept.",
        "FileType": "Its type.",
        "IsLatestVersion": "It is the newest version.",
        "ProcessDuration": "How long it took, milliseconds.",
        "TransactionType": "What was done with it.",
        "VersionId": "The version.",
        "VersionNumber": "The version's number.",
    },
    action=first("FileAction", "TransactionType", Text("File")),
    object=Text("ContentDocument"),
    target=first("FileName", "DocumentId"),
    bytes=Whole(Column("ContentSize")),
)
