"""Event types of log files: what each tells, and how its own columns read in common words.

A type that is not listed here is collected all the same, with the common mapping. Column sets
change with Salesforce's releases; the header of each file is the truth, these lists document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orgwarden.core.expr import Bare, Column, Expr, Id18, Join, Text, Whole, columns_of, first

MEANINGS: Mapping[str, str] = {
    "EVENT_TYPE": "The event type, as in the list of files.",
    "TIMESTAMP": "When, GMT, as yyyyMMddHHmmss.SSS.",
    "TIMESTAMP_DERIVED": "The same in ISO 8601; may be blank or differ by milliseconds.",
    "REQUEST_ID": "The transaction; shared by several events, sometimes empty.",
    "ORGANIZATION_ID": "The org, 15 characters.",
    "USER_ID": "The user, 15 characters (18 in odd rows).",
    "USER_ID_DERIVED": "The user, 18 characters.",
    "USER_NAME": "The username.",
    "RUN_TIME": "Duration in milliseconds.",
    "CPU_TIME": "CPU time in milliseconds.",
    "DB_TOTAL_TIME": "Database time in nanoseconds (ApexExecution: milliseconds).",
    "DB_CPU_TIME": "Database CPU time in milliseconds.",
    "DB_BLOCKS": "Database blocks read.",
    "URI": "The page or path asked for.",
    "URL": "The address called.",
    "LOGIN_URL": "The host that was signed in to.",
    "URI_ID_DERIVED": "The record id in that path.",
    "SESSION_KEY": "The session; joins events.",
    "LOGIN_KEY": "The sign-in; joins sessions.",
    "USER_TYPE": "Kind of user.",
    "REQUEST_STATUS": "S success, F failure, and rarer letters.",
    "CLIENT_IP": "The address, or `Salesforce.com IP`.",
    "SOURCE_IP": "The address the sign-in came from.",
    "ENTITY_NAME": "The objects touched.",
    "ROWS_PROCESSED": "Rows read or changed.",
    "STATUS_CODE": "HTTP status.",
    "METHOD": "HTTP method.",
    "HTTP_METHOD": "HTTP method.",
    "USER_AGENT": "The user agent, as text or as one of Salesforce's numbers.",
    "CLIENT_NAME": "What the client calls itself.",
    "CONNECTED_APP_ID": "The connected app.",
    "CONNECTED_APP_NAME": "The connected app's name.",
    "RESPONSE_SIZE": "Bytes sent back.",
    "REQUEST_SIZE": "Bytes received.",
    "API_FAMILY": "REST, SOAP, Bulk …",
    "API_RESOURCE": "The resource called.",
    "API_VERSION": "Version of the API; 9998.0 is unknown.",
    "COUNTS_AGAINST_API_LIMIT": "Whether the call counts towards the daily limit.",
    "LOGIN_STATUS": "Result of the sign-in as a code.",
    "LOGIN_TYPE": "Kind of sign-in, one letter.",
    "REPORT_ID": "The report.",
    "REPORT_ID_DERIVED": "The report, 18 characters.",
    "ROW_COUNT": "Rows of the report.",
    "PAGE_URL": "Address of the page.",
    "PAGE_ENTITY_ID": "The record shown.",
    "PAGE_ENTITY_TYPE": "The object shown.",
    "QUERY": "The query or search text.",
    "STACK_TRACE": "Stack trace; spans several lines.",
    "DOCUMENT_ID": "The file.",
    "VERSION_ID": "The version of the file.",
    "TRANSACTION_TYPE": "What was done with the file.",
}


# Types every supported edition has without Event Monitoring, as daily files kept for a day.
FREE = frozenset(
    {
        "ApexUnexpectedException",
        "ApiTotalUsage",
        "CorsViolation",
        "HostnameRedirects",
        "InsecureExternalAssets",
        "Login",
        "Logout",
    }
)


@dataclass(frozen=True)
class EventType:
    """What is known of a type beforehand."""

    title: str = ""
    about: str = "Logged by Salesforce; its columns are shown as they come."
    normalised: Mapping[str, Expr] = field(default_factory=dict)
    columns: tuple[str, ...] = (
        "EVENT_TYPE",
        "TIMESTAMP",
        "REQUEST_ID",
        "ORGANIZATION_ID",
        "USER_ID",
        "TIMESTAMP_DERIVED",
    )

    def meaning_of(self, column: str) -> str:
        return MEANINGS.get(column, "As Salesforce logs it.")


def _type(title: str, about: str, columns: str = "", **normalised: Expr) -> EventType:
    head = "EVENT_TYPE TIMESTAMP REQUEST_ID ORGANIZATION_ID USER_ID"
    tail = "TIMESTAMP_DERIVED USER_ID_DERIVED CLIENT_IP"
    # What its expressions read is documented too, at the end.
    read = sorted(frozenset().union(*(columns_of(e) for e in normalised.values())))
    names = dict.fromkeys((*f"{head} {columns} {tail}".split(), *read))
    return EventType(title, about, normalised, tuple(names))


TYPES: Mapping[str, EventType] = {
    "API": _type(
        "SOAP API calls",
        "Calls over SOAP, with objects, rows and the client's name.",
        "API_TYPE API_VERSION CLIENT_NAME METHOD_NAME ENTITY_NAME ROWS_PROCESSED RESPONSE_SIZE",
        action=first("METHOD_NAME", Text("API")),
    ),
    "ApexCallout": _type(
        "Apex callouts",
        "Requests that code in the org made to the outside.",
        "TYPE METHOD SUCCESS STATUS_CODE TIME REQUEST_SIZE RESPONSE_SIZE URL",
        action=first("METHOD", Text("ApexCallout")),
        target=Bare(Column("URL")),
    ),
    "ApexExecution": _type(
        "Apex executions",
        "Runs of Apex code and what started them.",
        "EXEC_TIME DB_TOTAL_TIME CALLOUT_TIME NUMBER_SOQL_QUERIES ENTRY_POINT QUIDDITY",
        target=Bare(Column("ENTRY_POINT")),
    ),
    "ApexRestApi": _type(
        "Apex REST calls",
        "Calls to REST services written in Apex.",
        "METHOD STATUS_CODE USER_AGENT ROWS_PROCESSED RESPONSE_SIZE ENTITY_NAME",
        action=first("METHOD", Text("ApexRestApi")),
        target=Bare(Column("URI")),
    ),
    "ApexUnexpectedException": _type(
        "Unexpected exceptions",
        "Exceptions that no code handled, with their stack traces.",
        "EXCEPTION_TYPE EXCEPTION_MESSAGE STACK_TRACE EXCEPTION_CATEGORY",
        action=first("EXCEPTION_TYPE", Text("ApexUnexpectedException")),
        target=Bare(Column("EXCEPTION_MESSAGE")),
        outcome=Text("failure"),
    ),
    "ApiTotalUsage": _type(
        "API usage",
        "Every API call with app, object, method and address; free, a day late.",
        "API_FAMILY API_VERSION API_RESOURCE CLIENT_NAME HTTP_METHOD COUNTS_AGAINST_API_LIMIT"
        " CONNECTED_APP_ID CONNECTED_APP_NAME ENTITY_NAME STATUS_CODE USER_NAME",
        action=Join(" ", (Column("API_FAMILY"), Column("HTTP_METHOD"))),
        target=Bare(Column("API_RESOURCE")),
    ),
    "AuraRequest": _type(
        "Aura requests",
        "Actions that Lightning pages sent to the server.",
        "REQUEST_METHOD ACTION_MESSAGE USER_AGENT",
        target=Bare(Column("ACTION_MESSAGE")),
    ),
    "BulkApi": _type(
        "Bulk API batches",
        "Batches of Bulk API jobs with their rows.",
        "JOB_ID BATCH_ID ROWS_PROCESSED NUMBER_FAILURES SUCCESS ENTITY_TYPE OPERATION_TYPE MESSAGE",
        action=first("OPERATION_TYPE", Text("BulkApi")),
        target=first("JOB_ID"),
    ),
    "BulkApi2": _type(
        "Bulk API 2.0 jobs",
        "Bulk API 2.0 jobs with their rows and size.",
        "JOB_ID JOB_STATUS OPERATION_TYPE ENTITY_TYPE RECORDS_PROCESSED RECORDS_FAILED"
        " RESULT_SIZE_MB",
        action=first("OPERATION_TYPE", Text("BulkApi2")),
        target=first("JOB_ID"),
    ),
    "ContentTransfer": _type(
        "File transfers",
        "Files uploaded, downloaded and previewed.",
        "TRANSACTION_TYPE DOCUMENT_ID VERSION_ID FILE_TYPE SIZE_BYTES DOCUMENT_ID_DERIVED",
        action=first("TRANSACTION_TYPE", Text("ContentTransfer")),
        object=Text("ContentDocument"),
        target=Id18(first("DOCUMENT_ID_DERIVED", "DOCUMENT_ID")),
    ),
    "CorsViolation": _type(
        "CORS violations",
        "Requests from pages of other origins that are not allowed; free, a day late.",
        "HOST ORIGIN",
        target=Bare(Column("ORIGIN")),
        outcome=Text("failure"),
    ),
    "GroupMembership": _type(
        "Group membership",
        "People and groups added to or removed from groups.",
        "OPERATION GROUP_ID GROUP_TYPE MEMBER_ID",
        action=first("OPERATION", Text("GroupMembership")),
        object=Text("Group"),
        target=Id18(first("GROUP_ID")),
    ),
    "HostnameRedirects": _type(
        "Hostname redirects",
        "Requests to old hostnames of the org; free, a day late.",
        "SOURCE_HOSTNAME TARGET_HOSTNAME PATH REDIRECT_REASON",
        target=Bare(first("SOURCE_HOSTNAME", "PATH")),
    ),
    "InsecureExternalAssets": _type(
        "Insecure external assets",
        "Assets loaded over plain HTTP; free, a day late.",
        "INSECURE_URI DOCUMENT_URI ASSET_TYPE",
        target=Bare(Column("INSECURE_URI")),
    ),
    "LightningError": _type(
        "Lightning errors",
        "Errors that people met in Lightning pages.",
        "PAGE_URL PAGE_ENTITY_TYPE COMPONENT_NAME BROWSER_NAME UI_EVENT_TYPE",
        target=Bare(first("COMPONENT_NAME", "PAGE_URL")),
        outcome=Text("failure"),
    ),
    "LightningInteraction": _type(
        "Lightning interactions",
        "What people clicked in Lightning pages.",
        "PAGE_URL PAGE_ENTITY_ID PAGE_ENTITY_TYPE TARGET_UI_ELEMENT BROWSER_NAME RECORD_ID",
        target=Bare(first("RECORD_ID", "PAGE_ENTITY_ID", "TARGET_UI_ELEMENT", "PAGE_URL")),
    ),
    "LightningPageView": _type(
        "Lightning pages",
        "Pages people looked at.",
        "PAGE_URL PAGE_ENTITY_ID PAGE_ENTITY_TYPE PAGE_APP_NAME BROWSER_NAME DURATION",
        target=Bare(first("PAGE_ENTITY_ID", "PAGE_URL")),
    ),
    "Login": _type(
        "Sign-ins (log file)",
        "Sign-ins as the servers logged them; free, a day late.",
        "LOGIN_STATUS LOGIN_TYPE LOGIN_SUB_TYPE BROWSER_TYPE API_TYPE API_VERSION USER_NAME"
        " TLS_PROTOCOL CIPHER_SUITE SOURCE_IP",
        action=first("LOGIN_SUB_TYPE", "LOGIN_TYPE", Text("Login")),
        object=Text("User"),
        target=Bare(first("LOGIN_URL", "URI")),
    ),
    "LoginAs": _type(
        "Login As",
        "Administrators who acted as another user.",
        "DELEGATED_USER_NAME DELEGATED_USER_ID DELEGATED_USER_ID_DERIVED",
        object=Text("User"),
        target=first("DELEGATED_USER_NAME", "DELEGATED_USER_ID_DERIVED"),
    ),
    "Logout": _type(
        "Sign-outs",
        "Ends of sessions, by people or by time.",
        "USER_TYPE SESSION_TYPE SESSION_LEVEL USER_INITIATED_LOGOUT",
        object=Text("Session"),
    ),
    "MetadataApiOperation": _type(
        "Metadata API operations",
        "Deployments, retrievals and other metadata work.",
        "CLIENT_ID OPERATION API_VERSION",
        action=first("OPERATION", Text("MetadataApiOperation")),
        object=Text("Metadata"),
    ),
    "PackageInstall": _type(
        "Package installations",
        "Packages installed, upgraded or removed.",
        "OPERATION_TYPE PACKAGE_NAME IS_MANAGED IS_SUCCESSFUL FAILURE_TYPE",
        action=first("OPERATION_TYPE", Text("PackageInstall")),
        object=Text("Package"),
        target=Bare(Column("PACKAGE_NAME")),
    ),
    "QueuedExecution": _type(
        "Queued work",
        "Work that ran later: batches, futures, schedules.",
        "JOB_ID ENTRY_POINT",
        target=Bare(Column("ENTRY_POINT")),
    ),
    "Report": _type(
        "Reports",
        "Reports that were run, with rows and columns.",
        "ENTITY_NAME DISPLAY_TYPE RENDERING_TYPE REPORT_ID ROW_COUNT NUMBER_COLUMNS ORIGIN",
        target=Id18(first("REPORT_ID_DERIVED", "REPORT_ID")),
    ),
    "ReportExport": _type(
        "Report exports",
        "Reports that were downloaded.",
        "CLIENT_INFO REPORT_DESCRIPTION",
        client=Bare(Column("CLIENT_INFO")),
        object=Text("Report"),
        target=Bare(first("REPORT_DESCRIPTION", "URI")),
    ),
    "RestApi": _type(
        "REST API calls",
        "Calls over REST with objects, rows and sizes.",
        "METHOD STATUS_CODE USER_AGENT ROWS_PROCESSED RESPONSE_SIZE ENTITY_NAME CONNECTED_APP_ID"
        " CLIENT_NAME",
        action=first("METHOD", Text("RestApi")),
        target=Bare(Column("URI")),
    ),
    "Search": _type(
        "Searches",
        "What people searched for.",
        "QUERY_ID NUM_RESULTS SEARCH_QUERY PREFIXES_SEARCHED",
        target=Bare(Bare(Column("SEARCH_QUERY"))),
        rows=Whole(Column("NUM_RESULTS")),
    ),
    "URI": _type(
        "Classic pages",
        "Pages of Salesforce Classic people looked at.",
        "DB_BLOCKS DB_CPU_TIME REFERRER_URI",
        target=Bare(Column("URI")),
    ),
    "VisualforceRequest": _type(
        "Visualforce pages",
        "Visualforce pages asked for.",
        "PAGE_NAME REQUEST_TYPE HTTP_METHOD RESPONSE_SIZE",
        action=first("HTTP_METHOD", Text("VisualforceRequest")),
        target=Bare(first("PAGE_NAME", "URI")),
    ),
}

# Types that Salesforce documents and that need no mapping of their own, in their own spelling.
PLAIN = """
    ApexSoap ApexTrigger AsyncReportRun BlockedRedirect BulkApiRequest ChangeSetOperation
    ConcurrentLongRunningApexLimit Console ContentDistribution ContentDocumentLink
    ContinuationCalloutSummary CspViolation Dashboard DatabaseSave DocumentAttachmentDownloads
    ExternalCrossOrgCallout ExternalCustomApexCallout ExternalDataSourceCallout
    ExternalODataCallout FlowExecution InsufficientAccess KnowledgeArticleView LightningLogger
    LightningPerformance MultiBlockReport NamedCredential OneCommerceUsage PermissionUpdate
    PlatformEncryption Pricing Sandbox SearchClick Sites TimeBasedWorkflow TransactionSecurity
    UITelemetryNavigationTiming UITelemetryResourceTiming UITracking UniqueQuery WaveChange
    WaveDownload WaveInteraction WavePerformance
"""
SPELLED: Mapping[str, str] = {
    name.lower(): name for name in sorted({*TYPES, *FREE, *PLAIN.split()})
}
