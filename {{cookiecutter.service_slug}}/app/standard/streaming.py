"""The names that streams had until version 1.1 of the template; now they are in http."""

from app.standard.http import ClientLeft, Stream, Write
