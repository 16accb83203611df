"""Sites and communities: what strangers and customers can reach."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "Network",
        "0DB",
        """
        @id AllowedExtensions:string CaseCommentEmailTemplateId:reference
        ChangePasswordEmailTemplateId:reference ChgEmailVerNewEmailTemplateId:reference
        ChgEmailVerOldEmailTemplateId:reference DeviceActEmailTemplateId:reference
        EmailFooterLogoId:reference EmailFooterText:string EmailSenderAddress:string
        HeadlessRegistrationTemplateId:reference LockoutEmailTemplateId:reference
        MaxFileSizeKb:string NewSenderAddress:string OptionsActionOverrideEnabled:boolean[F]
        OptionsAllowInternalUserLogin:boolean[F] OptionsAllowMembersToFlag:boolean[F]
        OptionsApexCDNCachingEnabled:boolean[F] OptionsDirectMessagesEnabled:boolean[F]
        OptionsEmbeddedLoginEnabled:boolean[F] OptionsEnableTalkingAboutStats:boolean[F]
        OptionsEnableTopicAssignmentRules:boolean[F]
        OptionsExpFriendlyUrlsAsDefault:boolean[F]
        OptionsExperienceBundleBasedSnaOverrideEnabled:boolean[F]
        OptionsGatherCustomerSentimentData:boolean[F] OptionsGuestChatterEnabled:boolean[F]
        OptionsGuestFileAccessEnabled:boolean[F] OptionsGuestMemberVisibility:boolean[F]
        OptionsHeadlessFrgtPswEnabled:boolean[F]
        OptionsImageOptimizationCDNEnabled:boolean[F] OptionsInvitationsEnabled:boolean[F]
        OptionsKnowledgeableEnabled:boolean[F]
        OptionsLWRExperienceConnectedAppEnabled:boolean[F]
        OptionsMemberVisibility:boolean[F] OptionsMobileImageOptimizationEnabled:boolean[F]
        OptionsNetworkSentimentAnalysis:boolean[F] OptionsNicknameDisplayEnabled:boolean[F]
        OptionsPrivateMessagesEnabled:boolean[F]
        OptionsProfileBasedLayoutsForKnowledgeSearchEnabled:boolean[F]
        OptionsRecognitionBadgingEnabled:boolean[F] OptionsReputationEnabled:boolean[F]
        OptionsReputationRecordConversationsDisabled:boolean[F]
        OptionsSelfRegistrationEnabled:boolean[F] OptionsSendWelcomeEmail:boolean[F]
        OptionsShowAllNetworkSettings:boolean[F] OptionsSiteAsContainerEnabled:boolean[F]
        OptionsThreadedDiscussionsEnabled:boolean[F]
        OptionsTopicFilteringForKnowledgeSearchEnabled:boolean[F]
        OptionsTopicSuggestionsEnabled:boolean[F] OptionsUpDownVoteEnabled:boolean[F]
        PwdlessRegEmailTemplateId:reference
        SelfRegMicroBatchSubErrorEmailTemplateId:reference
        VerificationEmailTemplateId:reference WelcomeEmailTemplateId:reference @created
        @modified @stamp Name:string[FGSU]
        Status:picklist[FGSU]{DownForMaintenance,Live,UnderConstruction}
        UrlPathPrefix:string[FGNSU] SelfRegProfileId:reference[FGNSU]>Profile
        Description:string[FNSU] FirstActivationDate:datetime[FNS]
        """,
        children="NetworkMembers:NetworkMember.NetworkId",
        can="update",
    ),
    sobject(
        "NetworkMember",
        "0DO",
        """
        @id DefaultGroupNotificationFrequency:picklist[FGSU] DigestFrequency:picklist[FGSU]
        LastChatterActivityDate:date[FGSN] MemberId:reference[FGS]>User
        NetworkId:reference[FGS]>Network PreferencesDisableAllFeedsEmail:boolean[FU]
        PreferencesDisableBestAnswerEmail:boolean[FU]
        PreferencesDisableBookmarkEmail:boolean[FU]
        PreferencesDisableChangeCommentEmail:boolean[FU]
        PreferencesDisableDirectMessageEmail:boolean[FU]
        PreferencesDisableEndorsementEmail:boolean[FU]
        PreferencesDisableFollowersEmail:boolean[FU]
        PreferencesDisableItemFlaggedEmail:boolean[FU]
        PreferencesDisableLaterCommentEmail:boolean[FU]
        PreferencesDisableLikeEmail:boolean[FU]
        PreferencesDisableMarketingCloudEmail:boolean[FU]
        PreferencesDisableMentionsPostEmail:boolean[FU]
        PreferencesDisableMessageEmail:boolean[FU]
        PreferencesDisableProfilePostEmail:boolean[FU]
        PreferencesDisableSharePostEmail:boolean[FU]
        PreferencesDisCommentAfterLikeEmail:boolean[FU]
        PreferencesDisMentionsCommentEmail:boolean[]
        PreferencesDisProfPostCommentEmail:boolean[F] ReputationPoints:int[FGNS] @created
        @stamp
        """,
        can="update",
    ),
    sobject(
        "NetworkMemberGroup",
        "0DL",
        """
        @id AssignmentStatus:picklist[FGSU] NetworkId:reference[FGSC]>Network
        ParentId:reference[FGSC]>Profile|PermissionSet @created @stamp
        """,
        can="create update",
    ),
    sobject(
        "Site",
        "0DM",
        """
        @audit AdminId:reference[FGS]>User AnalyticsTrackingCode:string[FGSN]
        ArchiveStatus:picklist[FGSN] ArchivedById:reference[FGSN]>User
        ArchivedDate:datetime[FSN] ClickjackProtectionLevel:picklist[FGS]
        DailyBandwidthLimit:int[FGSN] DailyBandwidthUsed:int[FGSN]
        DailyRequestTimeLimit:int[FGSN] DailyRequestTimeUsed:int[FGSN]
        Description:textarea[FSN] GuestRecordDefaultOwnerId:reference[FGSN]>User
        GuestUserId:reference[FGSN]>User MasterLabel:string[FGS]
        MonthlyPageViewsEntitlement:int[FGSN] Name:string[FGS]
        OptionsAllowGuestPaymentsApi:boolean[F] OptionsAllowGuestSupportApi:boolean[F]
        OptionsAllowHomePage:boolean[F] OptionsAllowStandardAnswersPages:boolean[F]
        OptionsAllowStandardIdeasPages:boolean[F] OptionsAllowStandardLookups:boolean[F]
        OptionsAllowStandardPortalPages:boolean[F] OptionsAllowStandardSearch:boolean[F]
        OptionsBrowserXssProtection:boolean[F] OptionsCachePublicVfPagesInProxies:boolean[F]
        OptionsContentSniffingProtection:boolean[F] OptionsCookieConsent:boolean[F]
        OptionsCspUpgradeInsecureRequests:boolean[F] OptionsEnableFeeds:boolean[F]
        OptionsHasStoredPathPrefix:boolean[F] OptionsRedirectToCustomDomain:boolean[F]
        OptionsReferrerPolicyOriginWhenCrossOrigin:boolean[F] OptionsRequireHttps:boolean[F]
        SiteType:picklist[FGS] Status:picklist[FGS] Subdomain:string[FGSN]
        TopLevelDomain:url[FN] UrlPathPrefix:string
        """,
    ),
    sobject(
        "Domain",
        "0I4",
        """
        @audit DomainType:picklist[FGS] Domain:string[FGS] OptionsHstsPreload:boolean[F]
        OptionsExternalHttps:boolean[F] HttpsOption:picklist[FGNS]
        """,
    ),
    sobject(
        "DomainSite",
        "0Jf",
        """
        @audit DomainId:reference[FGS]>Domain SiteId:reference[FGS]>Site
        PathPrefix:string[FGS]
        """,
    ),
)
