"""Orgwarden: the self-hosted security console for Salesforce."""

__version__ = "0.1.0"
