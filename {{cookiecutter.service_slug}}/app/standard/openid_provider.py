"""A name that was here until version 1.1 of the template; now it is in auth."""

from app.standard.auth import OpenIdProvider
