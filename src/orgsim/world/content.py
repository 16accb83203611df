"""Files of an org, who they are shared with, and the public links people have made to them."""

from __future__ import annotations

import hashlib

from orgsim.org import Org
from orgsim.world.cast import World
from orgsim.world.rows import DAY, add

TITLES = (
    "Price list",
    "Statement of work",
    "Board deck",
    "Customer contacts",
    "Service manual",
    "Quote",
    "Onboarding guide",
    "Quarterly numbers",
    "Logo",
    "Data processing agreement",
)
KINDS = (
    ("pdf", "PDF"),
    ("xlsx", "EXCEL_X"),
    ("docx", "WORD_X"),
    ("pptx", "POWER_POINT_X"),
    ("png", "PNG"),
    ("csv", "CSV"),
)


def build(org: Org, world: World) -> None:
    rng = org.random("content")
    now = org.options.now_ms
    accounts = org.store["Account"].rows
    for number in range(min(240, 12 + org.options.users)):
        extension, kind = rng.choice(KINDS)
        title = f"{rng.choice(TITLES)} {number + 1}"
        owner = rng.choice(world.people).id
        at = now - rng.randrange(1, 700) * DAY - rng.randrange(DAY)
        size = int(rng.lognormvariate(11.5, 1.5))
        document, version = org.new_id("069"), org.new_id("068")
        add(
            org,
            "ContentDocument",
            at,
            by=owner,
            Id=document,
            Title=title,
            OwnerId=owner,
            FileExtension=extension,
            FileType=kind,
            ContentSize=size,
            PublishStatus="P",
            LatestPublishedVersionId=version,
            ContentModifiedDate=at - at % 1000,
            SharingOption="A",
            SharingPrivacy="N",
        )
        add(
            org,
            "ContentVersion",
            at,
            by=owner,
            Id=version,
            ContentDocumentId=document,
            Title=title,
            PathOnClient=f"{title}.{extension}",
            FileExtension=extension,
            FileType=kind,
            ContentSize=size,
            IsLatest=True,
            IsMajorVersion=True,
            OwnerId=owner,
            VersionNumber="1",
            Origin="C",
            ContentLocation="S",
            PublishStatus="P",
            Checksum=hashlib.md5(title.encode(), usedforsecurity=False).hexdigest(),
            ContentModifiedDate=at - at % 1000,
            ContentModifiedById=owner,
            SharingOption="A",
            SharingPrivacy="N",
            VersionData=f"{title}\n".encode(),
        )
        add(
            org,
            "ContentDocumentLink",
            at,
            ContentDocumentId=document,
            LinkedEntityId=owner,
            ShareType="I",
            Visibility="AllUsers",
        )
        if accounts and rng.random() < 0.5:
            add(
                org,
                "ContentDocumentLink",
                at,
                ContentDocumentId=document,
                ShareType="V",
                LinkedEntityId=rng.choice(accounts)[0],
                Visibility="AllUsers" if rng.random() < 0.3 else "InternalUsers",
            )
        if rng.random() < 0.07:
            link(org, world, rng.random(), document, version, title, owner, at)
    for name, public in (
        ("Letterhead", True),
        ("Mail footer", True),
        ("Old price list", True),
        ("Internal wiki export", False),
    ):
        add(
            org,
            "Document",
            now - 900 * DAY,
            Name=name,
            DeveloperName=name.replace(" ", "_"),
            FolderId=org.new_id("00l"),
            ContentType="application/pdf",
            Type="pdf",
            IsPublic=public,
            BodyLength=2048,
            AuthorId=world.admin,
        )
    for name, cache in (("Brand", "Public"), ("QuoteScripts", "Private")):
        add(
            org,
            "StaticResource",
            now - 800 * DAY,
            Name=name,
            ContentType="application/zip",
            BodyLength=40_960,
            CacheControl=cache,
        )


def link(
    org: Org,
    world: World,
    luck: float,
    document: str,
    version: str,
    title: str,
    owner: str,
    at: int,
) -> str:
    """A public link; `luck` decides how carefully it was made."""
    expires = luck < 0.4
    password = luck < 0.25
    made = at + DAY
    key = hashlib.sha256(f"{org.options.seed}/{version}".encode()).hexdigest()[:40]
    url = f"https://{world.slug}.file.force.com/sfc/p/{org.id[:15]}/a/{key}"
    seen = luck > 0.3
    distribution = add(
        org,
        "ContentDistribution",
        made,
        by=owner,
        Name=title,
        OwnerId=owner,
        ContentDocumentId=document,
        ContentVersionId=version,
        DistributionPublicUrl=url,
        ContentDownloadUrl=url + "?download",
        PreferencesAllowViewInBrowser=True,
        PreferencesAllowOriginalDownload=True,
        PreferencesExpires=expires,
        PreferencesPasswordRequired=password,
        PreferencesLinkLatestVersion=True,
        Password="********" if password else None,
        ExpiryDate=(made + 90 * DAY) // 1000 * 1000 if expires else None,
        ViewCount=int(luck * 9) if seen else 0,
        FirstViewDate=(made + DAY) // 1000 * 1000 if seen else None,
        LastViewDate=(made + 2 * DAY) // 1000 * 1000 if seen else None,
    )
    for view in range(int(luck * 9) if seen else 0):
        add(
            org,
            "ContentDistributionView",
            made + (1 + view) * 3_600_000,
            DistributionId=distribution,
            IsInternal=view % 3 == 0,
            IsDownload=view % 2 == 0,
        )
    return distribution
