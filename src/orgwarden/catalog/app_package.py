"""A deployable package: the external client app with its policies, and its permission sets.

Made from what the sources declare, so that it cannot differ from what is called. It holds no key
and no secret; a certificate is public. Two folders: `metadata`, in the Metadata API's own form,
and `source`, for projects of the Salesforce command line. Same input, same bytes.
Source: Metadata API Developer Guide, ExternalClientApplication and the types beside it.
"""

from __future__ import annotations

import io
import ipaddress
import json
import zipfile
from collections.abc import Collection, Iterable
from xml.etree import ElementTree

from orgwarden.catalog.app_steps import CC, JWT, WEB, steps
from orgwarden.catalog.features import sources_for
from orgwarden.catalog.permissions import BY_NAME
from orgwarden.catalog.tiers import TIERS
from orgwarden.core.source import Source

NAME = "Orgwarden"
API_VERSION = "62.0"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
PLACEHOLDER = "https://localhost:3000/test"  # of a way that never comes back to us (seed C15)
BASE_SET = f"{NAME}_Base"
API_ONLY_SET = f"{NAME}_API_only"
IDLE_DAYS = 30
MOST_ADDRESSES = 256  # what Salesforce takes in the list of refresh-token addresses

Values = dict[str, object]


def app_package(
    flow: str,
    features: Collection[str],
    tiers: Collection[str],
    egress: Iterable[str] = (),
    callback: str = "",
    certificate: str = "",
    *,
    run_as: str = "",
    contact: str = "admin@example.com",
) -> bytes:
    """The package as a zip. `egress` are our addresses (single or CIDR), `certificate` a PEM
    certificate for JWT bearer, `run_as` the username for client credentials.

    Raises ValueError for a way that does not exist, an address that is none, a private key, and
    text that XML cannot hold.
    """
    if flow not in (JWT, CC, WEB):
        raise ValueError(f"there is no sign-in way {flow}")
    if "PRIVATE KEY" in certificate:
        raise ValueError("a private key was given where a certificate is wanted")
    if certificate.strip() and "BEGIN CERTIFICATE" not in certificate:
        raise ValueError("the certificate is not one in PEM form")
    if not f"{run_as}{callback}{contact}".isprintable():
        raise ValueError("a username, address or contact holds a character that cannot be shown")
    ranges = address_ranges(egress)
    sets = permission_sets(sources_for(features, tiers), tiers, flow)
    parts = {
        **_app(flow, ranges, callback, certificate, run_as, contact),
        **{("permissionsets", f"{n}.permissionset"): _permission_set(*s) for n, s in sets.items()},
    }
    files = {
        "README.txt": _readme(flow, tiers, ranges, tuple(sets)),
        "addresses.txt": "".join(f"{start} - {end}\n" for start, end in ranges),
        "metadata/package.xml": _manifest(parts),
        "source/sfdx-project.json": json.dumps(
            {
                "packageDirectories": [{"path": "force-app", "default": True}],
                "sourceApiVersion": API_VERSION,
            },
            indent=2,
        ),
    }
    for (folder, name), text in parts.items():
        files[f"metadata/{folder}/{name}"] = text
        files[f"source/force-app/main/default/{folder}/{name}-meta.xml"] = text
    return _zip(files)


def permission_sets(
    sources: Iterable[Source], tiers: Collection[str], flow: str
) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Name to (label, description, permissions) of each set: the base, one for each tier that is
    opted in to, and API Only User by itself, because not every edition has it."""
    sources = tuple(sources)
    base = {n.permission for s in sources if not s.tier for n in s.needs}
    found = {
        BASE_SET: (
            f"{NAME} base",
            "What every connection of Orgwarden reads.",
            _with_brought(base),
        )
    }
    for tier in TIERS:
        if tier.id not in tiers:
            continue
        wanted = {n.permission for s in sources if s.tier == tier.id for n in s.needs}
        wanted |= set(tier.permissions)
        name = f"{NAME}_{tier.id.capitalize()}"
        about = f"{tier.why} Without it, {tier.without}."
        found[name] = (
            f"{NAME} {tier.title.lower()}",
            about[:255],
            tuple(p for p in _with_brought(wanted) if p not in base),
        )
    if flow != WEB:
        about = "Keeps the connection's user from signing in to pages."
        found[API_ONLY_SET] = (f"{NAME} API only", about, ("ApiUserOnly",))
    return found


def _with_brought(names: Iterable[str]) -> tuple[str, ...]:
    """With the permissions Salesforce demands beside them, in order."""
    return tuple(sorted({b for n in names for b in (n, *BY_NAME[n].brings)}))


def address_ranges(egress: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """First and last address of each, in order and once. Raises ValueError for one that is none
    and for more than Salesforce takes."""
    networks = {ipaddress.ip_network(text.strip(), strict=False) for text in egress if text.strip()}
    ordered = sorted(networks, key=lambda n: (n.version, int(n.network_address), n.prefixlen))
    if len(ordered) > MOST_ADDRESSES:
        raise ValueError(f"Salesforce takes at most {MOST_ADDRESSES} addresses")
    return tuple((str(n[0]), str(n[-1])) for n in ordered)


def _app(
    flow: str,
    ranges: tuple[tuple[str, str], ...],
    callback: str,
    certificate: str,
    run_as: str,
    contact: str,
) -> dict[tuple[str, str], str]:
    parent = {"externalClientApplication": NAME}
    pem = [line.strip() for line in certificate.splitlines() if line and "-----" not in line]
    return {
        ("externalClientApps", f"{NAME}.eca"): _xml(
            "ExternalClientApplication",
            {
                "contactEmail": contact,
                "description": "Orgwarden, a self-hosted security console, collects with this app.",
                "distributionState": "Local",
                "isProtected": False,
                "label": NAME,
            },
        ),
        ("extlClntAppGlobalOauthSets", f"{NAME}_global.ecaGlblOauth"): _xml(
            "ExtlClntAppGlobalOauthSettings",
            {
                "callbackUrl": callback or PLACEHOLDER,
                **({"certificate": "".join(pem)} if flow == JWT and pem else {}),
                **parent,
                "isClientCredentialsFlowEnabled": flow == CC,
                "isCodeCredFlowEnabled": False,
                "isConsumerSecretOptional": False,
                "isDeviceFlowEnabled": False,
                "isIntrospectAllTokens": False,
                "isPkceRequired": True,
                "isRefreshTokenRotationEnabled": True,
                "isSecretRequiredForRefreshToken": True,
                "isTokenExchangeEnabled": False,
                "label": f"{NAME} global OAuth settings",
                "shouldRotateConsumerKey": False,
                "shouldRotateConsumerSecret": False,
            },
        ),
        ("extlClntAppOauthSettings", f"{NAME}_oauth.ecaOauth"): _xml(
            "ExtlClntAppOauthSettings",
            {
                # A pre-authorised user's JWT is refused by an app without RefreshToken.
                "commaSeparatedOauthScopes": "Api" if flow == CC else "Api,RefreshToken",
                **parent,
                "label": f"{NAME} OAuth settings",
                "trustedIpRanges": [
                    {"description": NAME, "endIpAddress": end, "startIpAddress": start}
                    for start, end in ranges
                ],
            },
        ),
        ("extlClntAppOauthPolicies", f"{NAME}_oauthPolicy.ecaOauthPlcy"): _xml(
            "ExtlClntAppOauthConfigurablePolicies",
            {
                **({"clientCredentialsFlowUser": run_as} if flow == CC and run_as else {}),
                "commaSeparatedPermissionSet": BASE_SET,
                **parent,
                "ipRelaxationPolicyType": "Enforce",
                "isClientCredentialsFlowEnabled": flow == CC and bool(run_as),
                "isTokenExchangeFlowEnabled": False,
                "label": f"{NAME} OAuth policies",
                "permittedUsersPolicyType": "AdminApprovedPreAuthorized",
                "refreshTokenPolicyType": "SpecificInactivity" if flow == WEB else "Zero",
                **(
                    {"refreshTokenValidityPeriod": IDLE_DAYS, "refreshTokenValidityUnit": "Days"}
                    if flow == WEB
                    else {}
                ),
                "sessionTimeoutInMinutes": 120,
            },
        ),
        ("extlClntAppPolicies", f"{NAME}_policy.ecaPlcy"): _xml(
            "ExtlClntAppConfigurablePolicies",
            {
                **parent,
                "isEnabled": True,
                "isOauthPluginEnabled": True,
                "isSamlPluginEnabled": False,
                "label": f"{NAME} policies",
            },
        ),
    }


def _permission_set(label: str, about: str, permissions: tuple[str, ...]) -> str:
    return _xml(
        "PermissionSet",
        {
            "description": about,
            "hasActivationRequired": False,
            "label": label,
            "userPermissions": [{"enabled": True, "name": name} for name in permissions],
        },
    )


TYPES = {
    "externalClientApps": "ExternalClientApplication",
    "extlClntAppGlobalOauthSets": "ExtlClntAppGlobalOauthSettings",
    "extlClntAppOauthSettings": "ExtlClntAppOauthSettings",
    "extlClntAppOauthPolicies": "ExtlClntAppOauthConfigurablePolicies",
    "extlClntAppPolicies": "ExtlClntAppConfigurablePolicies",
    "permissionsets": "PermissionSet",
}


def _manifest(parts: Iterable[tuple[str, str]]) -> str:
    named = sorted(parts)
    types = [
        {"members": [n.rpartition(".")[0] for f, n in named if f == folder], "name": kind}
        for folder, kind in TYPES.items()
    ]
    return _xml("Package", {"types": types, "version": API_VERSION})


def _readme(
    flow: str, tiers: Collection[str], ranges: tuple[tuple[str, str], ...], sets: tuple[str, ...]
) -> str:
    numbered = [f"{n}. {step}" for n, step in enumerate(steps(flow), 1)]
    held = ", ".join(sets)
    opted = [t.id for t in TIERS if t.id in tiers]
    return "\n".join(
        (
            "The Orgwarden app for Salesforce, made by Orgwarden. It holds no key and no secret.",
            "",
            f"Sign-in way: {flow}. Tiers: {', '.join(('base', *opted))}.",
            f"Permission sets: {held}.",
            f"Addresses: {len(ranges)}, see addresses.txt.",
            "",
            *numbered,
            "",
        )
    )


def _xml(kind: str, values: Values) -> str:
    root = ElementTree.Element(kind, {"xmlns": NAMESPACE})
    _fill(root, values)
    ElementTree.indent(root, "    ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _fill(parent: ElementTree.Element, values: Values) -> None:
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            child = ElementTree.SubElement(parent, name)
            if isinstance(one, dict):
                _fill(child, one)
            elif isinstance(one, bool):
                child.text = "true" if one else "false"
            else:
                child.text = str(one)


def _zip(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name].encode())
    return made.getvalue()
