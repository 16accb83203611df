"""Public links to files. The address and the password of a link are never read: whoever has the
address has the file.

Source: Object Reference, ContentDistribution. An org without Content Deliveries has none.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "content_distributions",
    "Public links to files",
    "Links with which anybody can open a file: whose, until when, with a password or without.",
    "ContentDistribution",
    (
        Field("Name", "What people called it."),
        Field("OwnerId", "Whose it is."),
        Field("ContentDocumentId", "The file."),
        Field("ContentVersionId", "The version of the file."),
        Field("RelatedRecordId", "The record it was made for."),
        Field("PreferencesExpires", "It ends."),
        Field("ExpiryDate", "When it ends.", time=True),
        Field("PreferencesPasswordRequired", "It asks for a password."),
        Field("PreferencesAllowViewInBrowser", "The file can be looked at."),
        Field("PreferencesAllowOriginalDownload", "The file can be taken."),
        Field("PreferencesAllowPDFDownload", "The file can be taken as PDF."),
        Field("PreferencesLinkLatestVersion", "It shows the file's newest version."),
        Field("PreferencesNotifyOnVisit", "The owner is told of a visit."),
        Field("ViewCount", "How often it was opened."),
        Field("FirstViewDate", "When it was opened first.", time=True),
        Field("LastViewDate", "When it was opened last.", time=True),
    ),
    quiet=("ViewCount", "LastViewDate"),
    needs=(Need("QueryAllFiles", "other people's public links are dark", silent=True),),
    extras=(("RelatedRecordId",), ("PreferencesNotifyOnVisit",)),
    cadence=timedelta(hours=3),
    tier="files",
)
