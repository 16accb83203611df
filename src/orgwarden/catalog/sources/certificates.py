"""Certificates the org signs and identifies itself with. Private keys are never read: none can be.

Source: Tooling API, Certificate.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "certificates",
    "Certificates",
    "Certificates of the org: until when they are valid, how long the key is, who signed.",
    "Certificate",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("DeveloperName", "API name."),
        Field("ExpirationDate", "When it ends.", time=True),
        Field("KeySize", "Length of the key in bits."),
        Field("OptionsIsCaSigned", "An authority signed it."),
        Field("OptionsIsPrivateKeyExportable", "The private key can be taken out."),
        Field("OptionsIsUnusable", "It cannot be used."),
        Field("NamespacePrefix", "The package it came with."),
    ),
    label=("MasterLabel", "DeveloperName"),
    needs=(Need("ViewSetup", "certificates that end soon are not seen"),),
    extras=(("OptionsIsUnusable",), ("NamespacePrefix",)),
    audit=("%Certificate%",),
    cadence=timedelta(days=1),
    api="tooling",
)
