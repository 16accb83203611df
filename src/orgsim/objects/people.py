"""Users and what they are made of: licences, roles, profiles of sign-in and sight."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "User",
        "005",
        """
        @audit BadgeText:string BannerPhotoUrl:string CallCenterId:reference City:string
        Country:string CountryCode:string CurrentStatus:string DefaultCurrencyIsoCode:string
        DefaultDivision:string DefaultGroupNotificationFrequency:string[FGS]
        DelegatedApproverId:reference>User DigestFrequency:string[FGS] Division:string
        EmailPreferencesAutoBcc:boolean[F] EndDay:string Extension:string Fax:string
        ForecastEnabled:boolean[F] FullPhotoUrl:string GeocodeAccuracy:string
        HasUserVerifiedEmail:boolean[F] HasUserVerifiedPhone:boolean[F]
        IndividualId:reference IsPartner:boolean[FGS] IsPortalEnabled:boolean[FGS]
        IsPortalSelfRegistered:boolean[FGS] IsPrmSuperUser:boolean[FGS]
        IsProfilePhotoActive:boolean[FGS] JigsawImportLimitOverride:string
        LastReferencedDate:datetime[FNS] LastViewedDate:datetime[FNS] Latitude:double[FNS]
        Longitude:double[FNS] MediumBannerPhotoUrl:string MiddleName:string
        OfflineTrialExpirationDate:datetime[FNS] PortalRole:string PostalCode:string
        ReceivesAdminInfoEmails:boolean[F] ReceivesInfoEmails:boolean[F] SenderEmail:string
        SenderName:string Signature:string SmallBannerPhotoUrl:string SmallPhotoUrl:string
        StartDay:string State:string StateCode:string Suffix:string
        UserPermissionsCallCenterAutoLogin:boolean[FGS]
        UserPermissionsChatterAnswersUser:boolean[FGS]
        UserPermissionsInteractionUser:boolean[FGS]
        UserPermissionsJigsawProspectingUser:boolean[FGS]
        UserPermissionsKnowledgeUser:boolean[FGS] UserPermissionsLiveAgentUser:boolean[FGS]
        UserPermissionsMarketingUser:boolean[FGS] UserPermissionsOfflineUser:boolean[FGS]
        UserPermissionsSFContentUser:boolean[FGS]
        UserPermissionsSiteforceContributorUser:boolean[FGS]
        UserPermissionsSiteforcePublisherUser:boolean[FGS]
        UserPermissionsSupportUser:boolean[FGS] UserPermissionsWirelessUser:boolean[FGS]
        UserPermissionsWorkDotComUserFeature:boolean[FGS]
        UserPreferencesActivityRemindersPopup:boolean[FGS]
        UserPreferencesAllowConversationReminders:boolean[FGS]
        UserPreferencesApexPagesDeveloperMode:boolean[FGS]
        UserPreferencesAutoForwardCall:boolean[FGS]
        UserPreferencesContentEmailAsAndWhen:boolean[FGS]
        UserPreferencesContentNoEmail:boolean[FGS]
        UserPreferencesEnableAutoSubForFeeds:boolean[FGS]
        UserPreferencesDisableAllFeedsEmail:boolean[FGS]
        UserPreferencesDisableAutoSubForFeeds:boolean[FGS]
        UserPreferencesDisableBookmarkEmail:boolean[FGS]
        UserPreferencesDisableChangeCommentEmail:boolean[FGS]
        UserPreferencesDisableEndorsementEmail:boolean[FGS]
        UserPreferencesDisableFileShareNotificationsForApi:boolean[FGS]
        UserPreferencesDisableFollowersEmail:boolean[FGS]
        UserPreferencesDisableLaterCommentEmail:boolean[FGS]
        UserPreferencesDisableLikeEmail:boolean[FGS]
        UserPreferencesDisableMentionsPostEmail:boolean[FGS]
        UserPreferencesDisableProfilePostEmail:boolean[FGS]
        UserPreferencesDisableSharePostEmail:boolean[FGS]
        UserPreferencesDisableFeedbackEmail:boolean[FGS]
        UserPreferencesDisCommentAfterLikeEmail:boolean[FGS]
        UserPreferencesDisMentionsCommentEmail:boolean[FGS]
        UserPreferencesDisableMessageEmail:boolean[FGS]
        UserPreferencesDisableRewardEmail:boolean[FGS]
        UserPreferencesDisableWorkEmail:boolean[FGS]
        UserPreferencesDisProfPostCommentEmail:boolean[FGS]
        UserPreferencesEnableVoiceCallRecording:boolean[FGS]
        UserPreferencesEnableVoiceLocalPresence:boolean[FGS]
        UserPreferencesEventRemindersCheckboxDefault:boolean[FGS]
        UserPreferencesHideBiggerPhotoCallout:boolean[FGS]
        UserPreferencesHideChatterOnboardingSplash:boolean[FGS]
        UserPreferencesHideCSNDesktopTask:boolean[FGS]
        UserPreferencesHideCSNGetChatterMobileTask:boolean[FGS]
        UserPreferencesHideEndUserOnboardingAssistantModal:boolean[FGS]
        UserPreferencesHideLightningMigrationModal:boolean[FGS]
        UserPreferencesHideSecondChatterOnboardingSplash:boolean[FGS]
        UserPreferencesHideS1BrowserUI:boolean[FGS]
        UserPreferencesHideSfxWelcomeMat:boolean[FGS]
        UserPreferencesJigsawListUser:boolean[FGS]
        UserPreferencesLightningExperiencePreferred:boolean[FGS]
        UserPreferencesLiveAgentMiawSetupDeflection:boolean[FGS]
        UserPreferencesNativeEmailClient:boolean[FGS]
        UserPreferencesOptOutOfTouch:boolean[FGS] UserPreferencesOutboundBridge:boolean[FGS]
        UserPreferencesPathAssistantCollapsed:boolean[FGS]
        UserPreferencesProcessAssistantCollapsed:boolean[FGS]
        UserPreferencesReceiveNoNotificationsAsApprover:boolean[FGS]
        UserPreferencesReceiveNotificationsAsDelegatedApprover:boolean[FGS]
        UserPreferencesReminderSoundOff:boolean[FGS]
        UserPreferencesShowCityToExternalUsers:boolean[FGS]
        UserPreferencesShowCityToGuestUsers:boolean[FGS]
        UserPreferencesShowCountryToExternalUsers:boolean[FGS]
        UserPreferencesShowCountryToGuestUsers:boolean[FGS]
        UserPreferencesShowEmailToExternalUsers:boolean[FGS]
        UserPreferencesShowEmailToGuestUsers:boolean[FGS]
        UserPreferencesShowFaxToExternalUsers:boolean[FGS]
        UserPreferencesShowFaxToGuestUsers:boolean[FGS]
        UserPreferencesShowManagerToExternalUsers:boolean[FGS]
        UserPreferencesShowManagerToGuestUsers:boolean[FGS]
        UserPreferencesShowMobilePhoneToExternalUsers:boolean[FGS]
        UserPreferencesShowMobilePhoneToGuestUsers:boolean[FGS]
        UserPreferencesShowPostalCodeToExternalUsers:boolean[FGS]
        UserPreferencesShowPostalCodeToGuestUsers:boolean[FGS]
        UserPreferencesShowProfilePicToGuestUsers:boolean[FGS]
        UserPreferencesShowStateToExternalUsers:boolean[FGS]
        UserPreferencesShowStateToGuestUsers:boolean[FGS]
        UserPreferencesShowStreetAddressToExternalUsers:boolean[FGS]
        UserPreferencesShowStreetAddressToGuestUsers:boolean[FGS]
        UserPreferencesShowTitleToExternalUsers:boolean[FGS]
        UserPreferencesShowTitleToGuestUsers:boolean[FGS]
        UserPreferencesShowWorkPhoneToExternalUsers:boolean[FGS]
        UserPreferencesShowWorkPhoneToGuestUsers:boolean[FGS]
        UserPreferencesSortFeedByComment:boolean[FGS]
        UserPreferencesSuppressEventSFXReminders:boolean[FGS]
        UserPreferencesSuppressTaskSFXReminders:boolean[FGS]
        UserPreferencesTaskRemindersCheckboxDefault:boolean[FGS]
        UserPreferencesUserDebugModePref:boolean[FGS] WirelessEmail:string
        EmailPreferencesAutoBccStayInTouch:boolean[F]
        EmailPreferencesStayInTouchReminder:boolean[F] StayInTouchSubject:string
        StayInTouchSignature:string StayInTouchNote:string
        LastPasswordChangeDate:datetime[FNS] OfflinePdaTrialExpirationDate:datetime[FNS]
        UserPermissionsAvantgoUser:boolean[FGS] UserPermissionsMobileUser:boolean[FGS]
        IsExtIndicatorVisible:boolean[FGS] OutOfOfficeMessage:string MediumPhotoUrl:string
        ManagerId:reference[FGNSCU]>User UserRoleId:reference[FGNSCU]>UserRole
        ProfileId:reference[FGSCU]>Profile AccountId:reference[FGNS]>Account
        ContactId:reference[FGNS]>Contact Username:string[FGSCU] LastName:string[FGSCU]
        FirstName:string[FGNSCU] Email:email[FGSCU] Alias:string[FGSCU]
        IsActive:boolean[FGSCU] Name:string[FGS] LastLoginDate:datetime[FNS]
        PasswordExpirationDate:datetime[FNS] NumberOfFailedLogins:int[FGNS]
        TimeZoneSidKey:picklist[FGSCU] LocaleSidKey:picklist[FGSCU]
        LanguageLocaleKey:picklist[FGSCU] EmailEncodingKey:picklist[FGSCU]
        UserType:picklist[FGNS] Title:string[FGNSCU] Department:string[FGNSCU]
        CompanyName:string[FGNSCU] FederationIdentifier:string[FGNSCU]
        EmployeeNumber:string[FGNSCU] Phone:phone[FGNSCU] MobilePhone:phone[FGNSCU]
        Street:textarea[FGNSCU] Address:address[FN] AboutMe:textarea[N]
        CommunityNickname:string[FGSCU]
        """,
        children="""
        PermissionSetAssignments:PermissionSetAssignment.AssigneeId
        ManagedUsers:User.ManagerId OwnedContentDocuments:ContentDocument.OwnerId
        PermissionSetLicenseAssignments:PermissionSetLicenseAssign.AssigneeId
        UserPackageLicenses:UserPackageLicense.UserId
        """,
        can="create update",
        apis="data tooling",
    ),
    sobject(
        "UserLogin",
        "0Yw",
        """
        @id @modified IsFrozen:boolean[FGSU] IsPasswordLocked:boolean[FGSU]
        UserId:reference[FGSN]>User
        """,
        can="update",
        needs="ManageUsers",
    ),
    sobject(
        "UserLicense",
        "100",
        """
        @id CreatedDate:datetime[FS] LastModifiedDate:datetime[FS] @stamp
        LicenseDefinitionKey:string[FGS] MasterLabel:string[FGS]
        MonthlyLoginsEntitlement:int[FGSN] MonthlyLoginsUsed:int[GSN] Name:string[FGS]
        Status:picklist[FGS] TotalLicenses:int[FGS] UsedLicenses:int[]
        UsedLicensesLastUpdated:datetime[FS]
        """,
        needs="ViewSetup",
        children="Profiles:Profile.UserLicenseId",
    ),
    sobject(
        "UserRole",
        "00E",
        """
        @id @modified @stamp Name:string[FGSCU]
        ParentRoleId:reference[FGNSCU]>UserRole/ParentRole RollupDescription:string[FGNSCU]
        OpportunityAccessForAccountOwner:picklist[FGSCU]
        CaseAccessForAccountOwner:picklist[FGNSCU]
        ContactAccessForAccountOwner:picklist[FGNSCU] ForecastUserId:reference[FGNS]>User
        MayForecastManagerShare:boolean[FGS] DeveloperName:string[FGNSCU]
        PortalAccountId:reference[FGNS]>Account PortalType:picklist[FGNS]
        PortalAccountOwnerId:reference[FGNS]>User
        """,
        children="Users:User.UserRoleId",
        created_time="LastModifiedDate",
        can="create update delete",
    ),
    sobject(
        "Group",
        "00G",
        """
        @audit Name:string[FGSCU] DeveloperName:string[FGNSCU]
        RelatedId:reference[FGNS]>User|UserRole Type:picklist[FGSCU] Email:email[FGNSCU]
        OwnerId:reference[FGS]>User|Organization DoesSendEmailToMembers:boolean[FGSCU]
        DoesIncludeBosses:boolean[FGSCU] Description:string[FGNSCU]
        """,
        children="GroupMembers:GroupMember.GroupId",
        can="create update delete",
    ),
    sobject(
        "GroupMember",
        "011",
        """
        @id @stamp GroupId:reference[FGSC]>Group UserOrGroupId:reference[FGSC]>User|Group/-
        """,
        can="create delete",
        created_time="SystemModstamp",
    ),
    sobject(
        "QueueSobject",
        "03g",
        """
        @id @stamp QueueId:reference[FGSC]>Group SobjectType:picklist[FGSC]
        CreatedById:reference[FGS]>User
        """,
        can="create delete",
        created_time="SystemModstamp",
    ),
)
