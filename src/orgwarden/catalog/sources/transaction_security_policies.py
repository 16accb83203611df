"""Transaction security policies: what the org stops or reports by itself while it happens.

Source: Object Reference, TransactionSecurityPolicy. It is there with Event Monitoring only.
"""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "transaction_security_policies",
    "Transaction security policies",
    "What the org itself blocks or reports, and whether each policy is on.",
    "TransactionSecurityPolicy",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("DeveloperName", "API name."),
        Field("State", "Enabled or Disabled."),
        Field("Type", "CustomConditionBuilderPolicy or CustomApexPolicy."),
        Field("EventName", "The event it looks at."),
        Field("ActionConfig", "What it does, as Salesforce writes it."),
        Field("ApexPolicyId", "The class that decides."),
        Field("ExecutionUserId", "As whom it acts."),
        Field("Description", "What people noted about it."),
        Field("NamespacePrefix", "The package it came with."),
    ),
    label=("MasterLabel", "DeveloperName"),
    needs=(Need("ViewSetup", "what the org stops by itself is dark"),),
    extras=(("Description",), ("ExecutionUserId",)),
    audit=("transactionSecurityPolicy%",),
)
