"""Days of collecting in seconds: one seed draws an org's life, our workers and what befalls both.

`python -m tests.simulation --seeds 1000`, `python -m tests.simulation --seed 4711 --trace`.
"""
