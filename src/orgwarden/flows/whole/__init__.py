"""Reading all of an object, the way its source declares (`core.whole`)."""
