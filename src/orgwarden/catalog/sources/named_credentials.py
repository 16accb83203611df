"""Where the org itself calls out to, with which identity. Secrets are not readable.

Source: Object Reference, NamedCredential.
"""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "named_credentials",
    "Named credentials",
    "Addresses the org's own code calls, and as whom.",
    "NamedCredential",
    (
        Field("DeveloperName", "API name."),
        Field("MasterLabel", "What Setup calls it."),
        Field("Endpoint", "The address that is called."),
        Field("PrincipalType", "Anonymous, one identity for all, or each user's own."),
        Field("AuthProviderId", "Who vouches."),
        Field("NamespacePrefix", "The package it came with."),
        Field("CalloutOptionsGenerateAuthorizationHeader", "Sends the credential by itself."),
        Field("CalloutOptionsAllowMergeFieldsInHeader", "Code may put secrets into headers."),
        Field("CalloutOptionsAllowMergeFieldsInBody", "Code may put secrets into the body."),
    ),
    label=("MasterLabel", "DeveloperName"),
    audit=("namedCredentialDelete",),
)
