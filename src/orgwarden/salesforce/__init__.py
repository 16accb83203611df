"""The only package that talks to Salesforce."""
