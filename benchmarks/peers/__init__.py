"""Programs that read the emulated org as others do, each run in an environment of its own.

Each is a script with three arguments: the org's URL, an access token, and a folder of its own. It
prints one JSON object: `rows` and `seconds` of the reading alone, and `changed`, what it took to
point this peer at the emulator. None imports anything of this project.
"""
