"""The org itself, its audit trail, its log files and its limits."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "Organization",
        "00D",
        """
        Id:id[FGS] Name:string[FGSU] Division:string[FGSNU] Street:textarea[FGSNU]
        City:string[FGSNU] State:string[FGSNU] PostalCode:string[FGSNU] Country:string[FGSN]
        Latitude:double[FSNU] Longitude:double[FSNU] Address:address[FN] Phone:phone[FGSNU]
        Fax:phone[FGSNU] PrimaryContact:string[FGSNU] DefaultLocaleSidKey:picklist[FGSU]
        LanguageLocaleKey:picklist[FGSU] ReceivesInfoEmails:boolean[FGSU]
        ReceivesAdminInfoEmails:boolean[FGSU]
        PreferencesRequireOpportunityProducts:boolean[FU] FiscalYearStartMonth:int[FGSN]
        UsesStartDateAsFiscalYearName:boolean[FGS] DefaultAccountAccess:picklist[FGSN]
        DefaultContactAccess:picklist[FGSN] DefaultOpportunityAccess:picklist[FGSN]
        DefaultLeadAccess:picklist[FGSN] DefaultCaseAccess:picklist[FGSN]
        DefaultCalendarAccess:picklist[FGSN] DefaultPricebookAccess:picklist[FGSN]
        DefaultCampaignAccess:picklist[FGSN] SystemModstamp:datetime[FS]
        ComplianceBccEmail:email[FGSN] UiSkin:picklist[FGSNU]
        TrialExpirationDate:datetime[FSN] OrganizationType:picklist[FGSN]
        InstanceName:string[FGSN] IsSandbox:boolean[FGS]
        WebToCaseDefaultOrigin:string[FGSNU] MonthlyPageViewsUsed:int[FGSN]
        MonthlyPageViewsEntitlement:int[FGSN] CreatedDate:datetime[FS]
        CreatedById:reference[FGS]>User LastModifiedDate:datetime[FS]
        LastModifiedById:reference[FGS]>User AllowsSelfServiceLogin:boolean[F]
        CountryCode:string DailyWebToCaseCount:string DailyWebToCaseLimit:string
        DailyWebToLeadCount:string DailyWebToLeadLimit:string
        DefaultAccountAndContactAccess:string DefaultTerritoryCaseAccess:string
        DefaultTerritoryContactAccess:string DefaultTerritoryOppAccess:string
        HomepageHtml:string LastWebToCaseDate:datetime[FNS] LastWebToLeadDate:datetime[FNS]
        MaxActionsPerRule:string MaxRulesPerEntity:string NamespacePrefix:string
        PreferencesEventScheduler:boolean[F] PreferencesS1BrowserEnabled:boolean[F]
        PreferencesTerminateOldestSession:boolean[F]
        PreferencesTransactionSecurityPolicy:boolean[F] SelfServiceCasePlural:string
        SelfServiceCaseSingle:string SelfServiceCaseSubmitRecordTypeId:reference
        SelfServicDefaultCaseOrigin:string SelfServiceEmailSenderAddress:string
        SelfServiceEmailSenderName:string
        SelfServiceEmailUserOnCaseCreationTemplateId:reference
        SelfServiceEnabledForResponseRules:string SelfServiceFeatureConfig:string
        SelfServiceLogoutUrl:string SelfServiceMaxNumSuggestions:string
        SelfServiceNewCommentCheckedByDefault:string
        SelfServiceNewCommentTemplateId:reference SelfServiceNewPassTemplateId:reference
        SelfServiceNewUserTemplateId:reference SelfServicePageHeight:string
        SelfServicePageWidth:string SelfServiceSelfClosedCaseStatus:string
        SelfServiceSolutionCategoryAvailable:string
        SelfServiceSolutionCategoryStartNodeId:reference SelfServiceSolutionPlural:string
        SelfServiceSolutionSingle:string SelfServiceStyleSheetUrl:string
        SelfServiceWelcomePageConfig:string SelfServiceWelcomeText:string
        SignupCountryIsoCode:string StateCode:string TimeZoneSidKey:string[FGS]
        UsesWebToCase:boolean[F] UsesWebToLead:boolean[F]
        WebToCaseAssignedEmailTemplateId:reference WebToCaseCreatedEmailTemplateId:reference
        WebToCaseDefaultCreatorId:reference GeocodeAccuracy:string
        PreferencesConsentManagementEnabled:boolean[F]
        PreferencesIndividualAutoCreateEnabled:boolean[F]
        PreferencesAutoSelectIndividualOnMerge:boolean[F]
        PreferencesLightningLoginEnabled:boolean[F]
        PreferencesOnlyLLPermUserAllowed:boolean[F] NumKnowledgeService:int
        IsReadOnly:boolean[FGS]
        """,
        apis="data tooling",
        can="update",
    ),
    sobject(
        "SetupAuditTrail",
        "0Ym",
        """
        @id Action:string[FS] Section:string[NS] CreatedDate:datetime[FS]
        CreatedById:reference[FNS]>User Display:string[NS] DelegateUser:string[FNS]
        ResponsibleNamespacePrefix:string[FNS] CreatedByContext:string[FGNS]
        CreatedByIssuer:string[FGNS]
        """,
        needs="ViewSetup",
        event_time="CreatedDate",
    ),
    sobject(
        "EventLogFile",
        "0AT",
        """
        @record EventType:picklist[FGS] LogDate:datetime[FS] LogFileLength:double[FS]
        LogFileContentType:string[FGS] ApiVersion:double[FS] Sequence:int[FGS]
        Interval:picklist[FGS]{Daily,Hourly} LogFileFieldNames:string[N]
        LogFileFieldTypes:string[N] LogFile:base64[]
        """,
        needs="ViewEventLogFiles",
        event_time="LogDate",
        bulk=False,
        can="delete",
    ),
    sobject(
        "TenantUsageEntitlement",
        "0S0",
        """
        @record AmountUsed:double[FSN] CurrentAmountAllowed:double[FS] EndDate:date[FGSN]
        Frequency:picklist[FGSN] HasRollover:boolean[FGS] IsPersistentResource:boolean[FGS]
        MasterLabel:string[GN] OverageGrace:double[FSN] ResourceGroupKey:string[FGS]
        Setting:string[FGS] StartDate:datetime[FS] UsageDate:datetime[FNS]
        """,
    ),
    sobject(
        "EntityDefinition",
        "",
        """
        Id:id[FGS] DurableId:string[FGNS] QualifiedApiName:string[FGS] DeveloperName:string[FGNS]
        MasterLabel:string[FGNS] Label:string[FGNS] PluralLabel:string[FGNS]
        KeyPrefix:string[FGNS] NamespacePrefix:string[FGNS]
        InternalSharingModel:string[FGNS] ExternalSharingModel:string[FGNS]
        IsCustomizable:boolean[FGS] IsQueryable:boolean[FGS] IsCustomSetting:boolean[FGS]
        LastModifiedDate:datetime[FNS]
        """,
        apis="data tooling",
        bulk=False,
    ),
    sobject(
        "FieldDefinition",
        "",
        """
        Id:id[FGS] DurableId:string[FGNS] EntityDefinitionId:reference[FGNS]>EntityDefinition
        QualifiedApiName:string[FGS] DeveloperName:string[FGNS] MasterLabel:string[FGNS]
        Label:string[FGNS] DataType:string[FGNS] SecurityClassification:picklist[FGNS]
        ComplianceGroup:string[FGNS] BusinessStatus:picklist[FGNS]
        BusinessOwnerId:reference[FGNS] LastModifiedDate:datetime[FNS]
        """,
        apis="data tooling",
        bulk=False,
    ),
    sobject(
        "CronTrigger",
        "08e",
        """
        @id CronJobDetailId:reference[FGS] NextFireTime:datetime[FNS]
        PreviousFireTime:datetime[FNS] State:picklist[FGNS] StartTime:datetime[FNS]
        EndTime:datetime[FNS] CronExpression:string[FGNS] TimeZoneSidKey:picklist[FGNS]
        OwnerId:reference[FGNS] LastModifiedById:reference[FGS]>User
        CreatedById:reference[FGS]>User CreatedDate:datetime[FS] TimesTriggered:int[FGNS]
        """,
    ),
    sobject(
        "AsyncApexJob",
        "707",
        """
        @id CreatedDate:datetime[FS] CreatedById:reference[FGS]>User JobType:picklist[FGS]
        ApexClassId:reference[FGNS]>ApexClass Status:picklist[FGS]
        JobItemsProcessed:int[FGS] TotalJobItems:int[FGNS] NumberOfErrors:int[FGNS]
        CompletedDate:datetime[FNS] MethodName:string[FGNS] ExtendedStatus:string[FGNS]
        ParentJobId:reference[FGNS] LastProcessed:string[FGNS] LastProcessedOffset:int[FGNS]
        """,
    ),
)
