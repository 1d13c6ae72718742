"""For all tests."""

from hypothesis import settings

# How long an example takes says how busy the machine is, nothing about the product.
settings.register_profile("tipring", deadline=None)
settings.load_profile("tipring")
