"""The names that errors had until version 1.1 of the template; now they are in http."""

from app.standard.http import ServiceError, ServiceUnavailable
