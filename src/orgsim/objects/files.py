"""Files, who they are shared with, and links to them that the world can open."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "ContentDocument",
        "069",
        """
        @record ArchivedById:reference[FGSN]>User ArchivedDate:date[FGSN]
        ContentAssetId:reference[FGSNU] ContentModifiedDate:datetime[FSN]
        ContentSize:int[FGSN] Description:textarea[FSNU] Division:picklist[FGS]
        FileExtension:string[FGSN] FileType:string[FGSN] IsArchived:boolean[FGSU]
        IsInternalOnly:boolean[FGSU] LastReferencedDate:datetime[FSN]
        LastViewedDate:datetime[FSN] LatestPublishedVersionId:reference[FGSN]>ContentVersion
        OwnerId:reference[FGSU]>User ParentId:reference[FGSNU] PublishStatus:picklist[FGS]
        SharingOption:picklist[FGSNU] SharingPrivacy:picklist[FGSNU] Title:string[FGS]
        """,
        children="""
        ContentDocumentLinks:ContentDocumentLink.ContentDocumentId
        ContentVersions:ContentVersion.ContentDocumentId
        ContentDistributions:ContentDistribution.ContentDocumentId
        """,
        can="update delete",
    ),
    sobject(
        "ContentVersion",
        "068",
        """
        @record Checksum:string[FGSN] ContentBodyId:reference[FGSNC]
        ContentDocumentId:reference[FGSC]>ContentDocument ContentLocation:picklist[FGSC]
        ContentModifiedById:reference[FGSN]>User ContentModifiedDate:datetime[FSNC]
        ContentSize:int[FGSN] ContentUrl:url[FSNCU] Description:textarea[FSNCU]
        Division:picklist[FGSCU] ExternalDataSourceId:reference[FGSNCU]
        ExternalDocumentInfo1:string[FSNCU] ExternalDocumentInfo2:string[FSNCU]
        FeaturedContentBoost:int[FGSN] FeaturedContentDate:date[FGSN]
        FileExtension:string[FGSN] FileType:string[FGS]
        FirstPublishLocationId:reference[FGSNC] IsAssetEnabled:boolean[GC]
        IsLatest:boolean[FGS] IsMajorVersion:boolean[FGSC] Language:picklist[FGSNCU]
        NegativeRatingCount:int[FGSN] NetworkId:reference[FGSNC]>Network
        Origin:picklist[FGSC] OwnerId:reference[FGSCU]>User PathOnClient:string[FSNC]
        PositiveRatingCount:int[FGSN] PublishStatus:picklist[FGS] RatingCount:int[FGSN]
        ReasonForChange:string[FSNCU] RecordTypeId:reference[FNCU]
        SharingOption:picklist[FGSCU] SharingPrivacy:picklist[FGSCU] TagCsv:textarea[SNCU]
        TextPreview:string[FGSN] Title:string[FGSCU] VersionData:base64[NCU]
        VersionDataUrl:string[N] VersionNumber:string[FGNS]
        """,
        can="create update",
    ),
    sobject(
        "ContentDocumentLink",
        "06A",
        """
        @id @deleted @stamp ContentDocumentId:reference[FGSC]>ContentDocument
        LinkedEntityId:reference[FGSC]>Account|Contact|Case|Opportunity|User|Organization|CollaborationGroup
        ShareType:picklist[FGSNCU] Visibility:picklist[FGSNCU]
        """,
        can="create update delete",
        created_time="SystemModstamp",
        quirks=("content_document_link",),
    ),
    sobject(
        "ContentDistribution",
        "05D",
        """
        @record ContentDocumentId:reference[FGSN]>ContentDocument
        ContentDownloadUrl:string[SN] ContentVersionId:reference[FGSC]>ContentVersion
        DistributionPublicUrl:string[SN] ExpiryDate:datetime[FSNCU]
        FirstViewDate:datetime[FSN] LastViewDate:datetime[FSN] Name:string[FGSCU]
        OwnerId:reference[FGSCU]>User PdfDownloadUrl:string[SN] Password:string[GSN]
        PreferencesAllowOriginalDownload:boolean[FCU]
        PreferencesAllowPDFDownload:boolean[FCU] PreferencesAllowViewInBrowser:boolean[FCU]
        PreferencesExpires:boolean[FCU] PreferencesLinkLatestVersion:boolean[FCU]
        PreferencesNotifyOnVisit:boolean[FCU] PreferencesNotifyRndtnComplete:boolean[FCU]
        PreferencesPasswordRequired:boolean[FCU]
        RelatedRecordId:reference>Account|Case|Opportunity ViewCount:int
        """,
        children="ContentDistributionViews:ContentDistributionView.DistributionId",
        can="create update delete",
        quirks=("own_rows_without:QueryAllFiles",),
    ),
    sobject(
        "ContentDistributionView",
        "05H",
        """
        @id @deleted @created @stamp DistributionId:reference[FGS]>ContentDistribution
        IsDownload:boolean[FGS] IsInternal:boolean[FGS]
        ParentViewId:reference[FGSN]>ContentDistributionView
        """,
        can="delete",
        event_time="CreatedDate",
    ),
    sobject(
        "Document",
        "015",
        """
        @record FolderId:reference[FGSCU] Name:string[FGSCU] DeveloperName:string[FGSCU]
        ContentType:string[FGNSCU] Type:string[FGNSCU] IsPublic:boolean[FGSCU]
        BodyLength:int[FGS] Body:base64[NCU] Url:string[NCU] Description:textarea[FGNSCU]
        Keywords:string[FGNSCU] IsInternalUseOnly:boolean[FGSCU]
        AuthorId:reference[FGSCU]>User NamespacePrefix:string[FGNS]
        """,
        can="create update delete",
    ),
    sobject(
        "StaticResource",
        "081",
        """
        @audit Name:string[FGSCU] ContentType:string[FGSCU] BodyLength:int[FGS]
        Body:base64[NCU] Description:textarea[FGNSCU] CacheControl:picklist[FGSCU]
        NamespacePrefix:string[FGNS]
        """,
        apis="data tooling",
        can="create update delete",
    ),
    sobject(
        "CollaborationGroup",
        "0F9",
        """
        @audit Name:string[FGSCU] MemberCount:int[FGNS] OwnerId:reference[FGSCU]>User
        CollaborationType:picklist[FGSCU] Description:textarea[NCU]
        CanHaveGuests:boolean[FGSCU] IsArchived:boolean[FGSCU] IsBroadcast:boolean[FGSCU]
        """,
        can="create update delete",
    ),
)
