"""SOQL: a grammar, a planner and an evaluator over the rows of one org.

`parse` knows text, `plan` knows the schema and who asks, `run` knows rows. What SOQL does not
allow, or orgsim does not support, is an error with a position, never a guess.
"""
