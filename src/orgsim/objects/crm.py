"""The business records that integrations read and write."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "Account",
        "001",
        """
        @record OwnerId:reference[FGSCU]>User LastViewedDate:datetime[FNS]
        LastReferencedDate:datetime[FNS] Name:string[FGSCU] Type:picklist[FGNSCU]
        ParentId:reference[FGNSCU]>Account Industry:picklist[FGNSCU]
        AnnualRevenue:currency[FNSCU] NumberOfEmployees:int[FGNSCU] Phone:phone[FGNSCU]
        Website:url[FGNSCU] BillingStreet:textarea[FGNSCU] BillingCity:string[FGNSCU]
        BillingState:string[FGNSCU] BillingPostalCode:string[FGNSCU]
        BillingCountry:string[FGNSCU] BillingAddress:address[FN]
        AccountNumber:string[FGNSCU] Description:textarea[NCU] Rating:picklist[FGNSCU]
        """,
        can="create update delete",
        children="""
        Contacts:Contact.AccountId Opportunities:Opportunity.AccountId Cases:Case.AccountId
        ChildAccounts:Account.ParentId
        """,
    ),
    sobject(
        "Contact",
        "003",
        """
        @record OwnerId:reference[FGSCU]>User LastViewedDate:datetime[FNS]
        LastReferencedDate:datetime[FNS] AccountId:reference[FGNSCU]>Account
        LastName:string[FGSCU] FirstName:string[FGNSCU] Name:string[FGS]
        Title:string[FGNSCU] Department:string[FGNSCU] Email:email[FGNSCU]
        Phone:phone[FGNSCU] MobilePhone:phone[FGNSCU] MailingStreet:textarea[FGNSCU]
        MailingCity:string[FGNSCU] MailingState:string[FGNSCU]
        MailingPostalCode:string[FGNSCU] MailingCountry:string[FGNSCU]
        MailingAddress:address[FN] Birthdate:date[FGNSCU] LeadSource:picklist[FGNSCU]
        ReportsToId:reference[FGNSCU]>Contact Description:textarea[NCU]
        HasOptedOutOfEmail:boolean[FGSCU]
        """,
        can="create update delete",
        children="Cases:Case.ContactId",
    ),
    sobject(
        "Lead",
        "00Q",
        """
        @record OwnerId:reference[FGSCU]>User LastViewedDate:datetime[FNS]
        LastReferencedDate:datetime[FNS] LastName:string[FGSCU] FirstName:string[FGNSCU]
        Name:string[FGS] Title:string[FGNSCU] Company:string[FGSCU] Email:email[FGNSCU]
        Phone:phone[FGNSCU] Status:picklist[FGSCU] LeadSource:picklist[FGNSCU]
        Industry:picklist[FGNSCU] Rating:picklist[FGNSCU] Country:string[FGNSCU]
        IsConverted:boolean[FGS] ConvertedDate:date[FGNS] Description:textarea[NCU]
        """,
        can="create update delete",
    ),
    sobject(
        "Opportunity",
        "006",
        """
        @record OwnerId:reference[FGSCU]>User LastViewedDate:datetime[FNS]
        LastReferencedDate:datetime[FNS] AccountId:reference[FGNSCU]>Account
        Name:string[FGSCU] StageName:picklist[FGSCU] Amount:currency[FNSCU]
        Probability:percent[FNSCU] CloseDate:date[FGSCU] Type:picklist[FGNSCU]
        NextStep:string[FGNSCU] LeadSource:picklist[FGNSCU] IsClosed:boolean[FGS]
        IsWon:boolean[FGS] ForecastCategory:picklist[FGS] FiscalYear:int[FGNS]
        FiscalQuarter:int[FGNS] Description:textarea[NCU]
        """,
        can="create update delete",
    ),
    sobject(
        "Case",
        "500",
        """
        @record OwnerId:reference[FGSCU]>User|Group LastViewedDate:datetime[FNS]
        LastReferencedDate:datetime[FNS] CaseNumber:string[FGS]
        ContactId:reference[FGNSCU]>Contact AccountId:reference[FGNSCU]>Account
        ParentId:reference[FGNSCU]>Case Subject:string[FGNSCU] Status:picklist[FGNSCU]
        Origin:picklist[FGNSCU] Priority:picklist[FGNSCU] Type:picklist[FGNSCU]
        Reason:picklist[FGNSCU] IsClosed:boolean[FGS] ClosedDate:datetime[FNS]
        IsEscalated:boolean[FGSCU] SuppliedEmail:email[FGNSCU] Description:textarea[NCU]
        """,
        can="create update delete",
    ),
    sobject(
        "Report",
        "00O",
        """
        @record OwnerId:reference[FGS]>User FolderName:string[FGNS] Name:string[FGSCU]
        DeveloperName:string[FGSCU] Description:string[FGNSCU] Format:picklist[FGS]
        LastRunDate:datetime[FNS] NamespacePrefix:string[FGNS]
        """,
    ),
    sobject(
        "Dashboard",
        "01Z",
        """
        @record FolderId:reference[FGS] FolderName:string[FGNS] Title:string[FGS]
        DeveloperName:string[FGS] Description:string[FGNS] RunningUserId:reference[FGS]>User
        Type:picklist[FGS]
        """,
    ),
)
