"""Django's settings, addresses and WSGI: where the parts are put together."""
