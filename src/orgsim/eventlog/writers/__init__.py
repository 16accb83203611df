"""Who writes the lines of each event type: given an hour's scene, the lines of that hour."""

from __future__ import annotations

from orgsim.eventlog.writers import api, pages, signins, work
from orgsim.eventlog.writers.line import Writer

WRITERS: dict[str, Writer] = {
    "Login": signins.login,
    "Logout": signins.logout,
    "LoginAs": signins.login_as,
    "ApiTotalUsage": api.api_total_usage,
    "RestApi": api.rest_api,
    "API": api.soap_api,
    "BulkApi": api.bulk_api,
    "BulkApi2": api.bulk_api_2,
    "URI": pages.uri,
    "LightningPageView": pages.page_view,
    "LightningInteraction": pages.interaction,
    "AuraRequest": pages.aura,
    "Search": pages.search,
    "Report": pages.report,
    "ReportExport": pages.report_export,
    "ContentTransfer": pages.content_transfer,
    "VisualforceRequest": pages.visualforce,
    "ApexExecution": work.apex_execution,
    "QueuedExecution": work.queued_execution,
    "ApexUnexpectedException": work.unexpected_exception,
    "CorsViolation": work.cors_violation,
    "HostnameRedirects": work.hostname_redirects,
    "InsecureExternalAssets": work.insecure_assets,
    "MetadataApiOperation": work.metadata_operation,
    "PackageInstall": work.package_install,
    "GroupMembership": work.group_membership,
}
