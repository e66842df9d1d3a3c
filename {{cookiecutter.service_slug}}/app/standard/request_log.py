"""A name that was here until version 1.1 of the template; now it is in http."""

from app.standard.http import outgoing_headers
