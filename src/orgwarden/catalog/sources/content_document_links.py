"""With whom files are shared that strangers may reach.

Salesforce shows shares of a file or of a recipient that is named, and no others; all of them would
be millions. Read are those of files that have, or had, a public link, and of files shared with
guests of sites or with the whole company. Not covered: files that are shared with a record, group
or library of a site and have no public link.
Source: Object Reference, ContentDocumentLink.
"""

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.source import Field, Need
from orgwarden.core.whole import Linked, Named

SOURCE = whole(
    "content_document_links",
    "Shares of exposed files",
    "With whom files are shared that have a public link, and what guests of sites and the whole"
    " company may open. Other shares of files are not read.",
    "ContentDocumentLink",
    (
        Field("ContentDocumentId", "The file."),
        Field("ContentDocument.Title", "What it is called."),
        Field("LinkedEntityId", "With whom or what it is shared: user, group, record, org …"),
        Field("ShareType", "V: may see, C: may change, I: as the record allows."),
        Field("Visibility", "AllUsers: guests and customers as well; InternalUsers …"),
    ),
    stamped=stamps("SystemModstamp"),
    label=("ContentDocument.Title", "ContentDocumentId"),
    needs=(
        Need("QueryAllFiles", "shares of other people's files are dark", silent=True),
        Need("ViewAllUsers", "who the guests of sites are, and what they may open, is dark"),
    ),
    extras=(("ContentDocument.Title",),),
    how=Linked(
        (
            Named("ContentDocumentId", "content_distributions", "ContentDocumentId"),
            Named("LinkedEntityId", "organization", "Id"),
            Named("LinkedEntityId", "users", "Id", where="UserType", value="Guest"),
        )
    ),
    cost="2 calls a run, 1 more per 200 files beyond the first and per 2,000 shares.",
    tier="files",
)
