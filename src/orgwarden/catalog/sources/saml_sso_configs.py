"""Single sign-on by SAML: who may vouch for users. Source: Object Reference, SamlSsoConfig."""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field

SOURCE = whole(
    "saml_sso_configs",
    "SAML single sign-on",
    "Identity providers the org believes, and how they make users.",
    "SamlSsoConfig",
    (
        Field("DeveloperName", "API name."),
        Field("MasterLabel", "What Setup calls it."),
        Field("Issuer", "Who vouches."),
        Field("LoginUrl", "Where users are sent."),
        Field("Audience", "For whom it vouches."),
        Field("IdentityMapping", "By what a user is known."),
        Field("OptionsUserProvisioning", "Makes users by itself."),
        Field("ExecutionUserId", "As whom it makes them."),
        Field("SamlJitHandlerId", "The code that does."),
        Field("ValidationCert", "The issuer's certificate."),
    ),
    label=("MasterLabel", "DeveloperName"),
    extras=(("ExecutionUserId",),),
    audit=("samlSsoConfig_delete",),
)
