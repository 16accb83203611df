"""The user permissions: each is a boolean `Permissions…` field of PermissionSet and Profile."""

from __future__ import annotations

PERMISSIONS: tuple[str, ...] = tuple(
    """
    EmailSingle EmailMass EditTask EditEvent ExportReport ImportPersonal DataExport
    ManageUsers EditPublicFilters EditPublicTemplates ModifyAllData ManageCases
    MassInlineEdit EditKnowledge ManageKnowledge ManageSolutions CustomizeApplication
    EditReadonlyFields RunReports ViewSetup TransferAnyEntity NewReportBuilder
    ManageCssUsers ActivateContract ActivateOrder ImportLeads ManageLeads TransferAnyLead
    ViewAllData EditPublicDocuments ViewEncryptedData EditBrandTemplates EditHtmlTemplates
    ChatterInternalUser DeleteActivatedContract ChatterInviteExternalUsers SendSitRequests
    ApiUserOnly ManageRemoteAccess CanUseNewDashboardBuilder ManageCategories ConvertLeads
    PasswordNeverExpires UseTeamReassignWizards EditActivatedOrders InstallPackaging
    ChatterOwnGroups EditOppLineItemUnitPrice BulkApiHardDelete InboundMigrationToolsUser
    SolutionImport ManageCallCenters PortalSuperUser ManageSynonyms
    OutboundMigrationToolsUser DelegatedPortalUserAdmin ViewContent ManageEmailClientConfig
    EnableNotifications ManageDataIntegrations DistributeFromPersWksp ViewDataCategories
    ManageDataCategories AuthorApex ManageMobile ApiEnabled ManageCustomReportTypes
    EditCaseComments TransferAnyCase ContentAdministrator CreateWorkspaces
    ManageContentPermissions ManageContentProperties ManageContentTypes ScheduleJob
    ManageExchangeConfig ManageAnalyticSnapshots ScheduleReports ManageBusinessHourHolidays
    ManageEntitlements ManageInteraction ViewMyTeamsDashboards ModerateChatter
    ResetPasswords FlowUFLRequired CanInsertFeedSystemFields ManageKnowledgeImportExport
    EmailTemplateManagement EmailAdministration ManageChatterMessages AllowEmailIC
    ChatterFileLink ForceTwoFactor ViewEventLogFiles ManageNetworks ViewCaseInteraction
    ManageAuthProviders RunFlow CreateCustomizeDashboards CreateDashboardFolders
    ViewPublicDashboards ManageDashbdsInPubFolders CreateCustomizeReports
    CreateReportFolders ViewPublicReports ManageReportsInPubFolders EditMyDashboards
    EditMyReports ViewAllUsers BypassEmailApproval AllowUniversalSearch
    ConnectOrgToEnvironmentHub CreateCustomizeFilters ContentHubUser GovernNetworks
    SalesConsole TwoFactorApi DeleteTopics EditTopics CreateTopics AssignTopics
    IdentityEnabled IdentityConnect AllowViewKnowledge ContentWorkspaces
    CreateWorkBadgeDefinition ManageSearchPromotionRules CustomMobileAppsAccess ViewHelpLink
    ManageProfilesPermissionsets AssignPermissionSets ManageRoles ManageIpAddresses
    ManageSharing ManageInternalUsers ManagePasswordPolicies ManageLoginAccessPolicies
    ManageCustomPermissions CanVerifyComment ManageUnlistedGroups InsightsAppDashboardEditor
    ManageTwoFactor InsightsAppUser InsightsAppAdmin InsightsAppEltEditor
    InsightsAppUploadUser InsightsCreateApplication LightningExperienceUser ConfigCustomRecs
    SubmitMacrosAllowed BulkMacrosAllowed ShareInternalArticles ManageSessionPermissionSets
    ManageTemplatedApp UseTemplatedApp SendAnnouncementEmails ChatterEditOwnPost
    ChatterEditOwnRecordPost WaveTrendReports WaveTabularDownload ImportCustomObjects
    DelegatedTwoFactor ChatterComposeUiCodesnippet SelectFilesFromSalesforce
    ModerateNetworkUsers MergeTopics SubscribeToLightningReports ManagePvtRptsAndDashbds
    AllowLightningLogin CampaignInfluence2 ViewDataAssessment RemoveDirectMessageMembers
    CanApproveFeedPost AddDirectMessageMembers AllowViewEditConvertedLeads
    ShowCompanyNameAsUserBadge AccessCMC ViewHealthCheck ManageHealthCheck Packaging2
    ManageCertificates CreateReportInLightning PreventClassicExperience HideReadByList
    ListEmailSend FeedPinning ChangeDashboardColors IotUser ManageRecommendationStrategies
    ManagePropositions CloseConversations UseWebLink ViewOnlyEmbeddedAppUser
    ViewAllActivities SubscribeReportToOtherUsers LightningConsoleAllowedForUser
    SubscribeReportsRunAsUser SubscribeToLightningDashboards SubscribeDashboardToOtherUsers
    ApexRestServices EnableCommunityAppLauncher LtngPromoReserved01UserPerm
    CanEditDataPrepRecipe AddAnalyticsRemoteConnections ManageSurveys RecordVisibilityAPI
    ViewRoles ModifyMetadata QueryAllFiles ViewEventLogObjectData
    ViewRealTimeEventMonitoringData DeleteEventMonitoringRecords MonitorLoginHistory
    FreezeUsers ManageExternalConnections UseAnyApiClient ApproveUninstalledConnectedApps
    ViewDeveloperName ViewAllForecasts ViewClientSecret ManageEncryptionKeys
    BypassMFAForUiLogins IsSsoEnabled
    """.split()
)
PERMISSION_FIELDS = " " + " ".join(f"Permissions{name}:boolean[FCU]" for name in PERMISSIONS)
