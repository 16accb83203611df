"""OAuth as an org speaks it: sign-in and consent pages, tokens, grants, identity."""
