"""The package of the app: it parses, follows the declarations, and holds no secret."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.catalog.app_package import (
    API_ONLY_SET,
    BASE_SET,
    NAMESPACE,
    TYPES,
    address_ranges,
    app_package,
    permission_sets,
)
from orgwarden.catalog.app_steps import steps
from orgwarden.catalog.features import FEATURE_IDS, sources_for
from orgwarden.catalog.permissions import BY_NAME, PERMISSIONS
from orgwarden.catalog.tiers import TIER_IDS, TIERS
from orgwarden.core.source import Need

FLOWS = ("jwt-bearer", "client-credentials", "web-server")
EGRESS = ("198.51.100.7", "203.0.113.0/29", "2001:db8::1")
PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCC\nAVmgAwIB\n-----END CERTIFICATE-----\n"


def files(made: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def parsed(text: str) -> dict[str, list[str]]:
    """The direct children of a component by name."""
    root = ElementTree.fromstring(text)
    found: dict[str, list[str]] = {}
    for child in root:
        name = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        found.setdefault(name, []).append(child.text or "")
    return found


def of(made: bytes, folder: str) -> dict[str, list[str]]:
    [text] = [t for n, t in files(made).items() if n.startswith(f"metadata/{folder}/")]
    return parsed(text)


@pytest.mark.seed("C14", "M5", "D4")
@pytest.mark.parametrize("flow", FLOWS)
def test_every_file_parses_and_the_manifest_lists_just_what_is_there(flow: str) -> None:
    found = files(app_package(flow, FEATURE_IDS, TIER_IDS, EGRESS, certificate=PEM))
    for name, text in found.items():
        if name.startswith("metadata/"):
            ElementTree.fromstring(text)
    manifest = ElementTree.fromstring(found["metadata/package.xml"])
    listed = {
        (kind.findtext(f"{{{NAMESPACE}}}name"), member.text)
        for kind in manifest.findall(f"{{{NAMESPACE}}}types")
        for member in kind.findall(f"{{{NAMESPACE}}}members")
    }
    there = {
        (TYPES[n.split("/")[1]], n.split("/")[2].rpartition(".")[0])
        for n in found
        if n.startswith("metadata/") and n.count("/") == 2
    }
    assert listed == there
    source = {n.split("default/")[1] for n in found if "/default/" in n}
    plain = {
        n.removeprefix("metadata/") for n in found if n.count("/") == 2 and "meta.xml" not in n
    }
    assert source == {f"{n}-meta.xml" for n in plain}


def test_the_same_choice_gives_the_same_bytes() -> None:
    one = app_package("web-server", ["app_governance", "sspm_scan"], ["tokens", "metadata"], EGRESS)
    two = app_package(
        "web-server", ["sspm_scan", "app_governance"], ["metadata", "tokens"], EGRESS[::-1]
    )
    assert one == two


@pytest.mark.seed("C17", "C15", "C18", "C21")
def test_client_credentials_run_as_the_user_and_need_no_callback() -> None:
    made = app_package("client-credentials", FEATURE_IDS, (), EGRESS, run_as="bot@acme.example")
    policies, settings = (
        of(made, "extlClntAppOauthPolicies"),
        of(made, "extlClntAppGlobalOauthSets"),
    )
    assert policies["clientCredentialsFlowUser"] == ["bot@acme.example"]
    assert policies["isClientCredentialsFlowEnabled"] == ["true"]
    assert settings["isClientCredentialsFlowEnabled"] == ["true"]
    assert settings["callbackUrl"] == ["https://localhost:3000/test"]
    assert of(made, "extlClntAppOauthSettings")["commaSeparatedOauthScopes"] == ["Api"]


def test_policies_are_strict_and_the_addresses_are_ours() -> None:
    made = app_package("web-server", FEATURE_IDS, (), EGRESS, "https://console.acme.example/back")
    policies, settings = (
        of(made, "extlClntAppOauthPolicies"),
        of(made, "extlClntAppGlobalOauthSets"),
    )
    assert policies["permittedUsersPolicyType"] == ["AdminApprovedPreAuthorized"]
    assert policies["commaSeparatedPermissionSet"] == [BASE_SET]
    assert policies["refreshTokenPolicyType"] == ["SpecificInactivity"]
    assert (policies["refreshTokenValidityPeriod"], policies["refreshTokenValidityUnit"]) == (
        ["30"], ["Days"]
    )  # fmt: skip
    assert settings["isPkceRequired"] == settings["isRefreshTokenRotationEnabled"] == ["true"]
    assert settings["callbackUrl"] == ["https://console.acme.example/back"]
    assert len(of(made, "extlClntAppOauthSettings")["trustedIpRanges"]) == 3
    assert "203.0.113.0 - 203.0.113.7" in files(made)["addresses.txt"]


def test_jwt_carries_the_certificate_and_never_a_key() -> None:
    made = app_package("jwt-bearer", FEATURE_IDS, (), certificate=PEM)
    assert of(made, "extlClntAppGlobalOauthSets")["certificate"] == ["MIIBszCCAVmgAwIB"]
    assert "certificate" not in of(app_package("web-server", FEATURE_IDS, (), certificate=PEM),
                                   "extlClntAppGlobalOauthSets")  # fmt: skip
    with pytest.raises(ValueError, match="private key"):
        app_package("jwt-bearer", FEATURE_IDS, (), certificate="-----BEGIN PRIVATE KEY-----\nMII")


@pytest.mark.parametrize("flow", FLOWS)
def test_no_key_and_no_secret_is_in_it(flow: str) -> None:
    made = app_package(flow, FEATURE_IDS, TIER_IDS, EGRESS, certificate=PEM, run_as="a@b.example")
    for name, text in files(made).items():
        assert not re.search(r"(?i)<consumer|BEGIN [A-Z ]*KEY|<password", text), name


@pytest.mark.seed("C12", "M5", "C14")
def test_there_is_one_permission_set_a_tier_with_just_what_it_adds() -> None:
    sets = permission_sets(sources_for(FEATURE_IDS, TIER_IDS), TIER_IDS, "jwt-bearer")
    assert list(sets) == [
        BASE_SET,
        *(f"Orgwarden_{t.capitalize()}" for t in TIER_IDS),
        API_ONLY_SET,
    ]
    assert sets[BASE_SET][2] == ("ApiEnabled", "ViewAllUsers", "ViewEventLogFiles", "ViewSetup")
    assert "ManageUsers" in sets["Orgwarden_Sign_ins"][2]
    assert sets["Orgwarden_Metadata"][2] == ("CustomizeApplication", "ModifyMetadata")
    alone = permission_sets(sources_for(FEATURE_IDS, ()), (), "web-server")
    assert list(alone) == [BASE_SET]
    assert not any(BY_NAME[p].writes for p in alone[BASE_SET][2])


@given(name=st.sampled_from([p.name for p in PERMISSIONS]), tier=st.sampled_from(["", *TIER_IDS]))
def test_a_permission_added_to_a_source_appears_in_the_set_of_its_tier(
    name: str, tier: str
) -> None:
    source = replace(
        sources_for(FEATURE_IDS, TIER_IDS)[0], tier=tier, needs=(Need(name, "it is dark"),)
    )
    sets = permission_sets((source,), TIER_IDS, "jwt-bearer")
    wanted = BASE_SET if not tier else f"Orgwarden_{tier.capitalize()}"
    assert name in sets[wanted][2]


def test_hostile_words_stay_words() -> None:
    made = app_package(
        "client-credentials", FEATURE_IDS, (), run_as="</x><y>&\"'", contact="a<b@acme.example"
    )
    assert of(made, "extlClntAppOauthPolicies")["clientCredentialsFlowUser"] == ["</x><y>&\"'"]
    assert of(made, "externalClientApps")["contactEmail"] == ["a<b@acme.example"]


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be shown"):
        app_package("jwt-bearer", FEATURE_IDS, (), contact="a\x00b")
    with pytest.raises(ValueError, match="not one in PEM"):
        app_package("jwt-bearer", FEATURE_IDS, (), certificate="MIIB")
    with pytest.raises(ValueError, match="no sign-in way"):
        app_package("password", FEATURE_IDS, ())
    with pytest.raises(ValueError, match="at most 256"):
        address_ranges(f"10.0.{n // 250}.{n % 250}" for n in range(257))
    with pytest.raises(ValueError, match="not appear to be"):
        app_package("jwt-bearer", FEATURE_IDS, (), ["example.com"])


@pytest.mark.seed("C19", "C20", "C22", "C9")
@pytest.mark.parametrize("flow", FLOWS)
def test_the_steps_are_sentences_and_name_the_hard_parts(flow: str) -> None:
    found = steps(flow)
    assert all(s.endswith(".") for s in found)
    text = " ".join(found)
    assert "ten minutes" in text
    assert "My Domain" in text
    assert "Consumer Key and Secret" in text
    assert "not a System Administrator" in text
    assert {t.id for t in TIERS} == set(TIER_IDS)
