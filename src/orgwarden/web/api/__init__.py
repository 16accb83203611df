"""`/api/v1/`: what the pages can do with connections, for scripts, with an API token.

Rules: a bearer token and nothing else (a session's cookie opens nothing here, so no other site
can make a browser act); every operation names one right; flows are called through `web.acts`;
every refusal is a problem document; nothing is imported before the first request.
"""
