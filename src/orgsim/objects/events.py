"""Stored real-time events: big objects, and the threat events that are ordinary objects."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "LoginEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] AdditionalInfo:string[N] ApiType:string[N]
        ApiVersion:string[N] Application:string[N] AuthMethodReference:string[N]
        AuthServiceId:string[N] Browser:string[N] CipherSuite:string[N] City:string[N]
        ClientVersion:string[N] Country:string[N] CountryIso:string[N] HttpMethod:string[N]
        LoginGeoId:string[N] LoginHistoryId:string[N] LoginLatitude:double[N]
        LoginLongitude:double[N] LoginSubType:string[N] LoginType:string[N]
        LoginUrl:string[N] Platform:string[N] PostalCode:string[N] Status:string[N]
        Subdivision:string[N] TlsProtocol:string[N] UserType:string[N]
        ForwardedForIp:string[N] NetworkId:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "LogoutEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "ApiEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] AdditionalInfo:string[N] ApiType:string[N]
        ApiVersion:double[N] Application:string[N] Client:string[N] ConnectedAppId:string[N]
        ElapsedTime:int[N] LoginHistoryId:string[N] Operation:string[N] Platform:string[N]
        QueriedEntities:string[N] Query:string[N] Records:string[N] RowsProcessed:double[N]
        RowsReturned:double[N] RequestIdentifier:string[N] UserAgent:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "ReportEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] ColumnHeaders:string[N] DashboardId:string[N]
        DashboardName:string[N] Description:string[N] DisplayedFieldEntities:string[N]
        EventSource:string[N] ExecutionIdentifier:string[N] ExportFileFormat:string[N]
        Format:string[N] GroupedColumnHeaders:string[N] IsScheduled:boolean[]
        LoginHistoryId:string[N] Name:string[N] NumberOfColumns:int[N] Operation:string[N]
        OwnerId:string[N] QueriedEntities:string[N] Records:string[N] ReportId:string[N]
        RowsProcessed:double[N] Scope:string[N] Sequence:int[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "ListViewEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] AppName:string[N] ColumnHeaders:string[N]
        DeveloperName:string[N] EventSource:string[N] ExecutionIdentifier:string[N]
        FilterCriteria:string[N] ListViewId:string[N] LoginHistoryId:string[N]
        Name:string[N] NumberOfColumns:int[N] OrderBy:string[N] OwnerId:string[N]
        QueriedEntities:string[N] Records:string[N] RowsProcessed:double[N] Scope:string[N]
        Sequence:int[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "UriEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] LoginHistoryId:string[N] Message:string[N] Name:string[N]
        Operation:string[N] OperationStatus:string[N] QueriedEntities:string[N]
        RecordId:string[N] UserType:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "LightningUriEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] AppName:string[N] ConnectionType:string[N]
        DeviceId:string[N] DeviceModel:string[N] DevicePlatform:string[N]
        DeviceSessionId:string[N] Duration:double[N] EffectivePageTime:double[N]
        LoginHistoryId:string[N] Operation:string[N] OsName:string[N] OsVersion:string[N]
        PageStartTime:datetime[N] PageUrl:string[N] PreviousPageAppName:string[N]
        PreviousPageEntityId:string[N] PreviousPageEntityType:string[N]
        PreviousPageUrl:string[N] QueriedEntities:string[N] RecordId:string[N]
        SdkAppType:string[N] SdkAppVersion:string[N] SdkVersion:string[N] UserType:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "LoginAsEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] Application:string[N] Browser:string[N]
        DelegatedOrganizationId:string[N] DelegatedUsername:string[N]
        LoginAsCategory:string[N] LoginHistoryId:string[N] LoginType:string[N]
        Platform:string[N] TargetUrl:string[N] UserType:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "BulkApiResultEventStore",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] Query:string[N] LoginHistoryId:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "IdentityVerificationEvent",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] Activity:string[N] City:string[N] Country:string[N]
        CountryIso:string[N] EventGroup:string[N] Latitude:double[N]
        LoginHistoryId:string[N] Longitude:double[N] Policy:string[N] PostalCode:string[N]
        Remarks:string[N] ResourceId:string[N] Status:string[N] Subdivision:string[N]
        VerificationMethod:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "PermissionSetEventStore",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] EventSource:string[N] HasExternalUsers:boolean[]
        ImpactedUserIds:string[N] LoginHistoryId:string[N] Operation:string[N]
        ParentIdList:string[N] ParentNameList:string[N] PermissionExpiration:string[N]
        PermissionExpirationList:string[N] PermissionList:string[N] PermissionType:string[N]
        UserCount:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "FileEventStore",
        "",
        """
        Id:id[FGS] EventIdentifier:string[FGS] EventDate:datetime[FS]
        CreatedDate:datetime[FS] UserId:reference[FGNS]>User/- Username:string[N]
        LoginKey:string[N] SessionKey:string[N] SessionLevel:picklist[N] SourceIp:string[N]
        RelatedEventIdentifier:string[N] PolicyId:reference[N] PolicyOutcome:picklist[N]
        EvaluationTime:double[N] CanDownloadPdf:boolean[] ContentSize:double[N]
        DocumentId:string[N] DocumentType:string[N] FileAction:string[N] FileName:string[N]
        FileSource:string[N] FileType:string[N] IsLatestVersion:boolean[]
        ProcessDuration:double[N] TransactionType:string[N] VersionId:string[N]
        VersionNumber:string[N]
        """,
        big=True,
        bulk=False,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "SessionHijackingEventStore",
        "0YK",
        """
        @record EventIdentifier:string[FGS] EventDate:datetime[FS]
        UserId:reference[FGNS]>User Username:string[FGNS] LoginKey:string[FGNS]
        SessionKey:string[FGNS] SourceIp:string[FGNS] PolicyId:reference[FGNS]
        PolicyOutcome:picklist[FGNS] EvaluationTime:double[FNS] Score:double[FNS]
        Summary:textarea[FNS] SecurityEventData:textarea[N]
        SessionHijackingEventNumber:string[FGNS] CurrentIp:string[FGNS]
        CurrentPlatform:string[FGNS] CurrentScreen:string[FGNS]
        CurrentUserAgent:string[FGNS] CurrentWindow:string[FGNS] PreviousIp:string[FGNS]
        PreviousPlatform:string[FGNS] PreviousScreen:string[FGNS]
        PreviousUserAgent:string[FGNS] PreviousWindow:string[FGNS]
        """,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "CredentialStuffingEventStore",
        "0YJ",
        """
        @record EventIdentifier:string[FGS] EventDate:datetime[FS]
        UserId:reference[FGNS]>User Username:string[FGNS] LoginKey:string[FGNS]
        SessionKey:string[FGNS] SourceIp:string[FGNS] PolicyId:reference[FGNS]
        PolicyOutcome:picklist[FGNS] EvaluationTime:double[FNS] Score:double[FNS]
        Summary:textarea[FNS] SecurityEventData:textarea[N]
        CredentialStuffingEventNumber:string[FGNS] AcceptLanguage:string[FGNS]
        LoginUrl:string[FGNS] UserAgent:string[FGNS]
        """,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "ReportAnomalyEventStore",
        "0YL",
        """
        @record EventIdentifier:string[FGS] EventDate:datetime[FS]
        UserId:reference[FGNS]>User Username:string[FGNS] LoginKey:string[FGNS]
        SessionKey:string[FGNS] SourceIp:string[FGNS] PolicyId:reference[FGNS]
        PolicyOutcome:picklist[FGNS] EvaluationTime:double[FNS] Score:double[FNS]
        Summary:textarea[FNS] SecurityEventData:textarea[N]
        ReportAnomalyEventNumber:string[FGNS] Report:string[FGNS]
        """,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "ApiAnomalyEventStore",
        "0YM",
        """
        @record EventIdentifier:string[FGS] EventDate:datetime[FS]
        UserId:reference[FGNS]>User Username:string[FGNS] LoginKey:string[FGNS]
        SessionKey:string[FGNS] SourceIp:string[FGNS] PolicyId:reference[FGNS]
        PolicyOutcome:picklist[FGNS] EvaluationTime:double[FNS] Score:double[FNS]
        Summary:textarea[FNS] SecurityEventData:textarea[N]
        ApiAnomalyEventNumber:string[FGNS] Operation:string[FGNS]
        QueriedEntities:string[FGNS] RequestIdentifier:string[FGNS]
        RowsProcessed:double[FNS] Uri:string[FGNS] UserAgent:string[FGNS]
        """,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "GuestUserAnomalyEventStore",
        "0YN",
        """
        @record EventIdentifier:string[FGS] EventDate:datetime[FS]
        UserId:reference[FGNS]>User Username:string[FGNS] LoginKey:string[FGNS]
        SessionKey:string[FGNS] SourceIp:string[FGNS] PolicyId:reference[FGNS]
        PolicyOutcome:picklist[FGNS] EvaluationTime:double[FNS] Score:double[FNS]
        Summary:textarea[FNS] SecurityEventData:textarea[N]
        GuestUserAnomalyEventNumber:string[FGNS] RequestedEntities:string[FGNS]
        SoqlCommands:string[FGNS] TotalControllerEvents:string[FGNS] UserAgent:string[FGNS]
        UserType:string[FGNS]
        """,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
    sobject(
        "LoginAnomalyEventStore",
        "0YP",
        """
        @record EventIdentifier:string[FGS] EventDate:datetime[FS]
        UserId:reference[FGNS]>User Username:string[FGNS] LoginKey:string[FGNS]
        SessionKey:string[FGNS] SourceIp:string[FGNS] PolicyId:reference[FGNS]
        PolicyOutcome:picklist[FGNS] EvaluationTime:double[FNS] Score:double[FNS]
        Summary:textarea[FNS] SecurityEventData:textarea[N]
        LoginAnomalyEventNumber:string[FGNS]
        """,
        needs="ViewRealTimeEventMonitoringData",
        event_time="EventDate",
    ),
)
