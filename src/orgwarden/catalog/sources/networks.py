"""Experience Cloud sites as communities: who may join, what guests and members see of others.

Source: Object Reference, Network. An org without Digital Experiences has no such object.
"""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "networks",
    "Experience sites",
    "Communities: whether strangers may register, and what guests and members see.",
    "Network",
    (
        Field("Name", "Name of the community."),
        Field("Status", "Live, UnderConstruction, DownForMaintenance."),
        Field("UrlPathPrefix", "The path it is under."),
        Field("Description", "What people noted about it."),
        Field("FirstActivationDate", "When it went live first.", time=True),
        Field("SelfRegProfileId", "The profile of those who register themselves."),
        Field("OptionsSelfRegistrationEnabled", "Strangers may register."),
        Field("OptionsAllowInternalUserLogin", "Employees may sign in here."),
        Field("OptionsGuestChatterEnabled", "Guests may use public Chatter interfaces."),
        Field("OptionsGuestFileAccessEnabled", "Guests may see files."),
        Field("OptionsGuestMemberVisibility", "Guests see members."),
        Field("OptionsMemberVisibility", "Members see other members."),
        Field("OptionsInvitationsEnabled", "Members may invite others."),
        Field("OptionsPrivateMessagesEnabled", "Members may send private messages."),
    ),
    needs=(Need("ViewSetup", "what sites open to guests and members is dark"),),
    extras=(
        ("OptionsGuestFileAccessEnabled",),
        ("OptionsGuestMemberVisibility",),
        ("OptionsMemberVisibility",),
    ),
)
