"""Sign-in with others' accounts. The consumer secret is never read.

Source: Object Reference, AuthProvider.
"""

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.source import Field

SOURCE = whole(
    "auth_providers",
    "Authentication providers",
    "Other identity providers by OAuth or OpenID Connect, and the code that makes users.",
    "AuthProvider",
    (
        Field("DeveloperName", "API name."),
        Field("FriendlyName", "What Setup calls it."),
        Field("ProviderType", "Google, OpenIdConnect, Salesforce …"),
        Field("AuthorizeUrl", "Where users are sent."),
        Field("TokenUrl", "Where tokens come from."),
        Field("ExecutionUserId", "As whom users are made."),
        Field("RegistrationHandlerId", "The code that makes them."),
        Field("OptionsIsPkceEnabled", "Uses PKCE."),
    ),
    stamped=stamps("CreatedDate"),
    label=("FriendlyName", "DeveloperName"),
    extras=(("OptionsIsPkceEnabled",),),
    audit=("insertAuthProvider", "deleteAuthProvider"),
)
