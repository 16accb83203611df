"""The limits resource. Only the daily API calls are counted; the rest stand still."""

from __future__ import annotations

from typing import Any

from orgsim.rest.call import Call
from orgsim.rest.describe import visible
from orgsim.wire import Reply, answer

# Name to (Max, Remaining).
STANDING: dict[str, tuple[int, int]] = {
    "ActiveScratchOrgs": (40, 40),
    "AnalyticsExternalDataSizeMB": (40960, 40960),
    "ConcurrentAsyncGetReportInstances": (200, 200),
    "ConcurrentEinsteinDataInsightsStoryCreation": (5, 5),
    "ConcurrentEinsteinDiscoveryStoryCreation": (2, 2),
    "ConcurrentSyncReportRuns": (20, 20),
    "DailyAnalyticsDataflowJobExecutions": (60, 60),
    "DailyAnalyticsUploadedFilesSizeMB": (51200, 51200),
    "DailyAsyncApexExecutions": (250000, 249870),
    "DailyAsyncApexTests": (500, 500),
    "DailyBulkApiBatches": (15000, 15000),
    "DailyBulkV2QueryFileStorageMB": (976562, 976562),
    "DailyBulkV2QueryJobs": (10000, 10000),
    "DailyDeliveredPlatformEvents": (10000, 10000),
    "DailyDurableGenericStreamingApiEvents": (10000, 10000),
    "DailyDurableStreamingApiEvents": (10000, 10000),
    "DailyEinsteinDataInsightsStoryCreation": (1000, 1000),
    "DailyEinsteinDiscoveryOptimizationJobRuns": (25, 25),
    "DailyEinsteinDiscoveryPredictAPICalls": (50000, 50000),
    "DailyEinsteinDiscoveryPredictionsByCDC": (500000, 500000),
    "DailyEinsteinDiscoveryStoryCreation": (100, 100),
    "DailyFunctionsApiCallLimit": (235000, 235000),
    "DailyGenericStreamingApiEvents": (10000, 10000),
    "DailyScratchOrgs": (80, 80),
    "DailyStandardVolumePlatformEvents": (25000, 25000),
    "DailyStreamingApiEvents": (50000, 50000),
    "DailyWorkflowEmails": (100000, 100000),
    "DataStorageMB": (10240, 8123),
    "DurableStreamingApiConcurrentClients": (20, 20),
    "FileStorageMB": (10240, 9211),
    "HourlyAsyncReportRuns": (1200, 1200),
    "HourlyDashboardRefreshes": (200, 200),
    "HourlyDashboardResults": (5000, 5000),
    "HourlyDashboardStatuses": (999999999, 999999999),
    "HourlyLongTermIdMapping": (100000, 100000),
    "HourlyManagedContentPublicRequests": (50000, 50000),
    "HourlyODataCallout": (20000, 20000),
    "HourlyPublishedPlatformEvents": (50000, 50000),
    "HourlyPublishedStandardVolumePlatformEvents": (1000, 1000),
    "HourlyShortTermIdMapping": (100000, 100000),
    "HourlySyncReportRuns": (500, 500),
    "HourlyTimeBasedWorkflow": (1000, 1000),
    "MassEmail": (5000, 5000),
    "MonthlyEinsteinDiscoveryStoryCreation": (500, 500),
    "MonthlyPlatformEventsUsageEntitlement": (0, 0),
    "Package2VersionCreates": (6, 6),
    "Package2VersionCreatesWithoutValidation": (500, 500),
    "PlatformEventTriggersWithParallelProcessing": (5, 5),
    "PrivateConnectOutboundCalloutHourlyLimitMB": (0, 0),
    "SingleEmail": (5000, 5000),
    "StreamingApiConcurrentClients": (1000, 1000),
}
BY_PERMISSION = {"DataStorageMB": "ManageUsers", "FileStorageMB": "ManageUsers"}
OLD_NAMES = (  # (first version with the new name, new name, old name)
    (49, "DailyBulkApiBatches", "DailyBulkApiRequests"),
    (48, "MonthlyPlatformEventsUsageEntitlement", "MonthlyPlatformEvents"),
)


def limits(call: Call) -> Reply:
    call.need("ViewSetup")
    server = call.server
    now = server.org.clock.now()
    held = call.asker.permissions
    made: dict[str, Any] = {
        name: {"Max": most, "Remaining": left}
        for name, (most, left) in STANDING.items()
        if BY_PERMISSION.get(name, "ViewSetup") in held
    }
    jobs = server.jobs.made_since(now - 24 * 3_600_000)
    made["DailyBulkV2QueryJobs"]["Remaining"] = max(0, 10000 - jobs)
    left = max(0, server.quota.limit - server.quota.used(now))
    made["DailyApiRequests"] = {"Max": server.quota.limit, "Remaining": left}
    made["PermissionSets"] = {
        "Max": 1500,
        "Remaining": 1460,
        "CreateCustom": {"Max": 1000, "Remaining": 960},
    }
    for since, new, old in OLD_NAMES:
        if float(call.version) < since:
            made[old] = made.pop(new)
    return answer(dict(sorted(made.items())))


def record_count(call: Call) -> Reply:
    """How many records of each of the `sObjects` asked for there are, or of all."""
    asked = [n for n in call.request.params.get("sObjects", "").split(",") if n]
    types = [t for t in visible(call) if "query" in t.calls and not t.big]
    if asked:
        wanted = {n.strip().lower() for n in asked}
        types = [t for t in types if t.name.lower() in wanted]
    store, now = call.server.org.store, call.asker.now
    counts = [{"count": sum(1 for _ in store[t.name].seen(now)), "name": t.name} for t in types]
    return answer({"sObjects": counts})
