"""orgsim: a Salesforce org on loopback, for testing whatever talks to Salesforce.

It shares no code with anything else in this repository.
"""

__version__ = "0.1.0"
